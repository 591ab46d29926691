#!/usr/bin/perl
# run.t: the runner of all tests counts what passed and failed, and fails when anything did: a check,
# a program that dies, one that does not keep its plan, one that does not end.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;

my $root = tempdir(CLEANUP => 1);

sub script {
    my ($name, $text) = @_;
    open my $out, '>', "$root/$name" or die "$name: $!";
    print $out $text;
    close $out;
    chmod 0755, "$root/$name";
    return "$root/$name";
}

# Runs the tests: the status and the counts.
sub run {
    my (@tests) = @_;
    unlink "$root/counts";
    my $printed = `env -u HARNESS_OPTIONS TEST_SECONDS=2 test/run --jobs 2 --counts $root/counts @tests 2>&1`;
    my $status = $? >> 8;
    open my $in, '<', "$root/counts" or return ($status, 'none', $printed);
    chomp(my $counts = <$in>);
    return ($status, $counts, $printed);
}

sub is_run {
    my ($name, $status, $counts, @tests) = @_;
    my ($got_status, $got_counts, $printed) = run(@tests);
    is("$got_status: $got_counts", "$status: $counts", $name) or diag $printed;
}

my $perl = script('good.t', qq{print "ok 1\\nok 2\\n1..2\\n"});
my $program = script('good', "#!/bin/sh\necho ok 1\necho 1..1\n");
my $skipped = script('skipped.t', qq{print "1..0 # SKIP not here\\n"});
my $failing = script('failing.t', qq{print "ok 1\\nnot ok 2\\n1..2\\n"; exit 1});
my $dying = script('dying.t', qq{\$| = 1; print "ok 1\\n"; kill 'ABRT', \$\$});
my $late = script('late.t', qq{print "ok 1\\n1..1\\n"; exit 3});
my $short = script('short.t', qq{print "1..3\\nok 1\\n"});
my $endless = script('endless.t', qq{\$| = 1; print "ok 1\\n"; sleep 30});

is_run('perl and programs that pass', 0, '3 0', $perl, $program);
is_run('a test that skips is neither', 0, '2 0', $perl, $skipped);
is_run('a check that fails', 1, '3 1', $perl, $failing);
is_run('a program that dies', 1, '3 1', $perl, $dying);
is_run('a status other than 0 after checks that passed', 1, '3 1', $perl, $late);
is_run('fewer checks than planned', 1, '3 1', $perl, $short);
is_run('a program that does not end', 1, '3 1', $perl, $endless);
is_run('a test that is not there', 1, '2 1', $perl, "$root/attic.t");
like((run($perl, $program))[2], qr/^All tests successful\.\nFiles=2, Tests=3,.*\nResult: PASS\n\z/m, 'the last lines sum up');

done_testing();
