#!/usr/bin/perl
# gen_sql.t: what the SQL generator refuses, each with the place and the reason, and what it makes.
use strict;
use warnings;
use Cwd qw(getcwd);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

my $gen_sql = getcwd() . '/tools/gen_sql';

sub write_file {
    my ($path, $text) = @_;
    make_path($path =~ s{/[^/]+$}{}r);
    open my $out, '>', $path or die "$path: $!";
    print $out $text;
    close $out;
}

sub read_file {
    my ($path) = @_;
    open my $in, '<', $path or return '';
    local $/;
    return <$in>;
}

# Runs the generator on files given as path => text: whether it passed, its words, the directory.
sub generate {
    my (%files) = @_;
    my $root = tempdir(CLEANUP => 1);
    write_file("$root/sql/$_", $files{$_}) for keys %files;
    make_path("$root/gen");
    my $printed = `cd $root && $^X $gen_sql gen @{[ map { "sql/$_" } sort keys %files ]} 2>&1`;
    return ($? == 0, $printed, $root);
}

sub refuses {
    my ($name, $words, %files) = @_;
    my ($is_made, $printed, $root) = generate(%files);
    ok(!$is_made && index($printed, $words) >= 0, "refuses $name") or diag $printed;
    ok(!-e "$root/gen/sql_names.h" && !-e "$root/gen/sql_text.inc", '... and writes nothing');
}

sub refuses_statement {
    my ($name, $words, $text) = @_;
    refuses($name, "sql/query/org.sql:1: org_load: $words", 'query/org.sql' => "-- name: org_load\n$text");
}

sub accepts {
    my ($name, %files) = @_;
    my ($is_made, $printed) = generate(%files);
    ok($is_made && $printed eq '', "accepts $name") or diag $printed;
}

# ---- statements
refuses_statement('an argument without a name', 'no name for $2',
    "-- args: id\nSELECT name FROM org WHERE id = \$1 AND zone = \$2;\n");
refuses_statement('an argument that is not used', '$2 (zone) is not used',
    "-- args: id, zone\nSELECT name FROM org WHERE id = \$1;\n");
refuses_statement('an argument used in one dialect only', '$1 (id) is not used',
    "-- args: id\nSELECT rowid FROM org WHERE id = \$1;\n-- dialect: postgresql\nSELECT 1;\n");
refuses_statement('an argument that stands twice', "argument 'id' stands twice",
    "-- args: id, id\nSELECT name FROM org WHERE id = \$1 OR id = \$2;\n");
refuses_statement('an argument that is no name', "'Id' is no name for an argument",
    "-- args: Id\nSELECT name FROM org WHERE id = \$1;\n");
refuses_statement('a placeholder without a number', "'?' is not common SQL",
    "SELECT name FROM org WHERE id = ?;\n");
refuses_statement('columns without names', 'name the columns', "SELECT * FROM org;\n");
refuses_statement('two statements under a name', 'more than one statement', "SELECT 1; SELECT 2;\n");
refuses_statement('a name without a text', 'no text', "-- a comment only\n");
refuses_statement("a word of SQLite's without a twin", "'IFNULL' is not common SQL",
    "SELECT IFNULL(name, '') FROM org;\n");
refuses('text outside a statement', 'sql/query/org.sql:1: text outside a statement',
    'query/org.sql' => "SELECT 1;\n");
refuses('args without a statement', 'sql/query/org.sql:1: args without a name',
    'query/org.sql' => "-- args: id\n");
refuses('a name that is none', "sql/query/org.sql:1: 'Org-Load' is no name",
    'query/org.sql' => "-- name: Org-Load\nSELECT 1;\n");
refuses('two statements of one name', "sql/query/org.sql:1: 'org_load' stands in sql/query/a.sql:1 already",
    'query/a.sql' => "-- name: org_load\nSELECT 1;\n", 'query/org.sql' => "-- name: org_load\nSELECT 2;\n");
refuses('a dialect that is not there', 'only a PostgreSQL twin may follow',
    'query/org.sql' => "-- name: org_load\nSELECT 1;\n-- dialect: oracle\nSELECT 2;\n");
accepts('these signs within a text', 'query/org.sql' => "-- name: org_load\nSELECT name FROM org WHERE name = 'a;b?\$9';\n");
accepts("a word of SQLite's with a twin", 'query/org.sql' =>
    "-- name: org_load\nSELECT IFNULL(name, '') FROM org;\n-- dialect: postgresql\nSELECT coalesce(name, '') FROM org;\n");

# ---- migrations
refuses('a migration without a number', 'a migration is named NNNN_name.sql', 'schema/org.sql' => "SELECT 1;\n");
refuses('two migrations of one number', 'sql/schema/0001_b.sql: has the number of sql/schema/0001_a.sql',
    'schema/0001_a.sql' => "CREATE TABLE a (id INTEGER);\n", 'schema/0001_b.sql' => "CREATE TABLE b (id INTEGER);\n");
refuses("a migration with a word of SQLite's", "sql/schema/0001_a.sql:1: 'WITHOUT ROWID' is not common SQL",
    'schema/0001_a.sql' => "CREATE TABLE a (id INTEGER PRIMARY KEY) WITHOUT ROWID;\n");
refuses('a migration without text for a dialect', 'sql/schema/0001_a.sql: no text',
    'schema/0001_a.sql' => "-- dialect: sqlite\nCREATE TABLE a (id INTEGER) STRICT;\n");
refuses('a migration for a dialect that is not there', 'sql/schema/0001_a.sql:1: no such dialect',
    'schema/0001_a.sql' => "-- dialect: oracle\nCREATE TABLE a (id INTEGER);\n");

# ---- what it makes
my %files = (
    'schema/0002_b.sql' => "-- Two.\n-- dialect: sqlite\nCREATE TABLE b (id INTEGER) STRICT;\n-- dialect: postgresql\nCREATE TABLE b (id bigint);\n",
    'schema/0001_a.sql' => "CREATE TABLE a (id INTEGER);\n",
    'query/b.sql' => "-- name: b_count\nSELECT count(id) AS \"n\" FROM b;\n",
    'query/a.sql' => "-- name: a_load\n-- args: id, zone\nSELECT id\nFROM a -- why\nWHERE id = \$1 AND zone = \$2;\n",
);
my (undef, undef, $root) = generate(%files);
my ($names, $text) = map { read_file("$root/gen/$_") } 'sql_names.h', 'sql_text.inc';
like($names, qr/enum sql \{\n    SQL_A_LOAD,\n    SQL_B_COUNT,\n    SQL_COUNT\n\};/, 'one enumerator a statement');
like($text, qr/\[SQL_A_LOAD\] = \{\n\s+\.name = "a_load",\n\s+\.args = \(const char \*const\[\]\)\{ "id", "zone" \},\n\s+\.arg_count = 2,/,
    'the names of the arguments, in order');
like($text, qr/count\(id\) AS \\"n\\" FROM b/, 'quotes are escaped');
like($text, qr/\.number = 1,.*\.number = 2,/s, 'migrations by their numbers');
is(() = $text =~ /\.postgresql = /g, 1, 'a twin only where there is one');
is(() = $text =~ /_checksum = "[0-9a-f]{64}"/g, 3, 'a checksum of each text');

my ($again) = (generate(%files))[2];
is(read_file("$again/gen/sql_text.inc"), $text, 'the same text makes the same file');
my ($noted) = (generate(%files, 'schema/0001_a.sql' => "-- A word.\n\n$files{'schema/0001_a.sql'}"))[2];
is(read_file("$noted/gen/sql_text.inc"), $text, 'a comment changes no checksum');

utime 1, 1, map { "$root/gen/$_" } 'sql_names.h', 'sql_text.inc';
write_file("$root/sql/query/b.sql", "-- name: b_count\nSELECT count(*) FROM b;\n");
system "cd $root && $^X $gen_sql gen @{[ map { \"sql/$_\" } sort keys %files ]}";
is((stat "$root/gen/sql_names.h")[9], 1, 'a file whose content stays is not touched');
isnt((stat "$root/gen/sql_text.inc")[9], 1, 'one whose content changes is written');
is(scalar(my @left = glob "$root/gen/*"), 2, 'nothing else is left there');

done_testing();
