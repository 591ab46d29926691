#!/usr/bin/perl
# tidy.t: each rule of the house linter bites, on a small made-up tree, and a clean tree passes.
use strict;
use warnings;
use Cwd qw(getcwd);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

my $tidy = getcwd() . '/tools/tidy';

sub function_of {
    my ($lines) = @_;
    return "int long_one(void)\n{\n" . "    step();\n" x ($lines - 3) . "}\n";
}

# A header of src/, with its guard, around the text.
sub header {
    my ($path, $text) = @_;
    my $guard = uc($path =~ s{^src/}{}r =~ s{[/.]}{_}gr);
    return "/* What it is for. */\n#ifndef $guard\n#define $guard\n\n$text\n#endif\n";
}

my %clean = (
    'FLOORPLAN' => "# lowest last\n8  api\n3  bill customer\n1  rating\n0  base\n",
    'Makefile' => "FLOOR_0 := base\nFLOOR_1 := rating\nFLOOR_3 := customer bill\nFLOOR_8 := api\n",
    'src/base/dec.h' => header('src/base/dec.h', "/* The sum. */\nint dec_add(int a, int b);\n"),
    'src/base/dec.c' => "#include \"base/dec.h\"\n\nint dec_add(int a, int b)\n{\n    return a + b;\n}\n",
    'src/base/faults.def' => "FAULT(PRICE_ABSENT, ABSENT, \"price_absent\", \"no price\", \"\")\n",
    'src/rating/rate.h' => header('src/rating/rate.h', "#include \"base/dec.h\"\n\n/* The price. */\nint rate(int n);\n"),
    'src/bill/invoice_rows.c' => "/* Rows. */\n#include \"rating/rate.h\"\n\nint load(void)\n{\n    return SQL_INVOICE;\n}\n",
    'src/bill/invoice_flow.c' => "/* Flow. */\nint close_invoice(void)\n{\n    return store_begin();\n}\n",
    'src/api/routes.def' => "ROUTE(V3, GET, \"/meters/{meterId}\", meter_get, VIEW)\n",
    'test/api/meters.api' => "GET /v3/openmeter/meters/\${id}?page=1\n=> 200\n",
    'test/vectors/rating/rate.vec' => "# fault\nprice_absent\n",
);

# Runs tidy over the clean tree with some files changed; what it prints, and whether it passed.
sub tidy {
    my (%change) = @_;
    my $root = tempdir(CLEANUP => 1);
    my %tree = (%clean, %change);
    for my $path (grep { defined $tree{$_} } keys %tree) {
        make_path(dirname("$root/$path"));
        open my $out, '>', "$root/$path" or die "$path: $!";
        print $out $tree{$path};
        close $out;
    }
    my $printed = `$^X $tidy $root 2>&1`;
    return ($? == 0, $printed);
}

sub passes {
    my ($name, %change) = @_;
    my ($is_clean, $printed) = tidy(%change);
    ok($is_clean && $printed eq '', "passes: $name") or diag $printed;
}

# One finding, of the rule, at the place.
sub bites {
    my ($name, $place, $rule, %change) = @_;
    my ($is_clean, $printed) = tidy(%change);
    my @lines = split /\n/, $printed;
    ok(!$is_clean && @lines == 2 && $lines[0] =~ /^\Q$place\E: $rule: / && $lines[1] eq 'tidy: 1 found',
        "bites: $name") or diag $printed;
}

passes('a clean tree');

# ---- floors
bites('an upward include', 'src/rating/rate.c:2', 'floors',
    'src/rating/rate.c' => "/* Up. */\n#include \"bill/invoice.h\"\n");
bites('an include of the same floor', 'src/bill/line.c:2', 'floors',
    'src/bill/line.c' => "/* Beside. */\n#include \"customer/customer.h\"\n");
bites('an include of a module without a floor', 'src/bill/line.c:2', 'floors',
    'src/bill/line.c' => "/* Nowhere. */\n#include \"attic/box.h\"\n");
bites('floors of the Makefile that differ', 'Makefile:2', 'floors',
    'Makefile' => "FLOOR_0 := base\nFLOOR_1 := rating bill\nFLOOR_3 := customer bill\nFLOOR_8 := api\n");
bites('a floor that the Makefile does not have', 'Makefile:1', 'floors',
    'Makefile' => "FLOOR_0 := base\nFLOOR_1 := rating\nFLOOR_3 := customer bill\n");
bites('a module without a floor', 'src/attic:1', 'floors', 'src/attic/box.c' => "/* Box. */\n");

# ---- kinds of file
bites('a statement named outside *_rows.c', 'src/bill/invoice_flow.c:4', 'kinds',
    'src/bill/invoice_flow.c' => "/* Flow. */\nint f(void)\n{\n    return SQL_INVOICE;\n}\n");
bites('a transaction outside flows and rows', 'src/bill/invoice.c:4', 'kinds',
    'src/bill/invoice.c' => "/* Pure. */\nint f(void)\n{\n    return store_begin();\n}\n");
bites('a field table that includes rows', 'src/bill/invoice_fields.c:2', 'kinds',
    'src/bill/invoice_fields.c' => "/* Fields. */\n#include \"bill/invoice_rows.h\"\n");
bites('a rule that logs', 'src/bill/invoice.c:4', 'kinds',
    'src/bill/invoice.c' => "/* Pure. */\nvoid f(void)\n{\n    log_info(1);\n}\n");
bites('an HTTP status in a domain module', 'src/bill/invoice.c:4', 'kinds',
    'src/bill/invoice.c' => "/* Pure. */\nint f(void)\n{\n    return HTTP_STATUS_NOT_FOUND;\n}\n");

# ---- sizes
passes('a function of 70 lines', 'src/base/a.c' => "/* Long. */\n" . function_of(70));
bites('a function of 71 lines', 'src/base/a.c:3', 'size', 'src/base/a.c' => "/* Long. */\n" . function_of(71));
passes('100 columns', 'src/base/a.c' => "/* " . 'x' x 94 . " */\n");
bites('101 columns', 'src/base/a.c:1', 'size', 'src/base/a.c' => "/* " . 'x' x 95 . " */\n");
passes('101 columns in an aligned table',
    'src/base/a.c' => "/* Table. */\n/* clang-format off */\n/* " . 'x' x 95 . " */\n/* clang-format on */\n");
passes('800 lines', 'src/base/a.c' => "/* Long. */\n" . "int x;\n" x 799);
bites('801 lines', 'src/base/a.c:801', 'size', 'src/base/a.c' => "/* Long. */\n" . "int x;\n" x 800);
bites('a header of 301 lines', 'src/base/a.h:301', 'size', 'src/base/a.h' => header('src/base/a.h', "extern int x;\n" x 295));
passes('5 parameters', 'src/base/a.c' => "/* Wide. */\nint f(int a, int b, int c, int (*d)(int, int), int e)\n{\n}\n");
bites('6 parameters', 'src/base/a.c:3', 'size',
    'src/base/a.c' => "/* Wide. */\nint f(int a, int b, int c, int d, int e, int f)\n{\n}\n");
passes('an attribute and further values are no parameters',
    'src/base/a.c' => "/* Wide. */\nPRINTF_LIKE(5, 6)\nint f(int a, int b, int c, int d, int e, ...)\n{\n}\n");
passes('the callback of a library', 'src/base/a.c' =>
    "/* Wide. */\n/* NOLINTNEXTLINE(readability-function-size): theirs */\nint f(int a, int b, int c, int d, int e, int f)\n{\n}\n");
bites('blocks five deep', 'src/base/a.c:7', 'size', 'src/base/a.c' =>
    "/* Deep. */\nvoid f(void)\n{\n    {\n        {\n            {\n                {{\n                }}\n            }\n        }\n    }\n}\n");

# ---- words
bites('a double', 'src/base/dec.h:6', 'float',
    'src/base/dec.h' => header('src/base/dec.h', "/* The sum. */\ndouble dec_add(int a, int b);\n"));
passes('a double in a comment or a text', 'src/base/a.c' => "/* double */\nconst char *a = \"float\";\n");
bites('something left for later', 'src/base/a.c:2', 'leftover', 'src/base/a.c' => "/* Now. */\n/* TO" . "DO: more */\n");
bites('a tab', 'src/base/a.c:2', 'space', 'src/base/a.c' => "/* Now. */\n\tint x;\n");
bites('white space at the end', 'src/base/a.c:2', 'space', 'src/base/a.c' => "/* Now. */\nint x; \n");
bites('a word about what is outside', 'doc/manual.md:1', 'leftover', 'doc/manual.md' => "see ../" . "shared/x\n");

# ---- comments
bites('a file without a first comment', 'src/base/a.c:1', 'comment', 'src/base/a.c' => "int x;\n");
passes('a file whose header is the manual', 'src/rating/rate_tiers.c' => "#include \"rating/rate.h\"\n");
bites('a test without a first comment', 'test/unit/base/test_a.c:1', 'comment',
    'test/unit/base/test_a.c' => "int x;\n");
bites('a header without a guard', 'src/base/a.h:1', 'guard', 'src/base/a.h' => "/* A. */\nextern int x;\n");
bites('a header with the guard of another', 'src/base/a.h:1', 'guard', 'src/base/a.h' => header('src/base/b.h', ''));
bites('a prototype that says nothing', 'src/base/a.h:5', 'documented',
    'src/base/a.h' => header('src/base/a.h', "int f(int x);\n"));
passes('a paragraph of prototypes under one comment',
    'src/base/a.h' => header('src/base/a.h', "/* Sums. */\nint f(int x);\nint g(int x,\n      int y);\n"));

# ---- tables and their tests
bites('a fault that no test reaches', 'src/base/faults.def:1', 'faults', 'test/vectors/rating/rate.vec' => "none\n");
passes('a fault reached by its enumerator', 'test/vectors/rating/rate.vec' => undef,
    'test/unit/rating/test_rate.c' => "/* A test. */\nint x = FAULT_PRICE_ABSENT;\n");
bites('a fault that stands twice', 'src/base/faults.def:2', 'faults', 'src/base/faults.def' => $clean{'src/base/faults.def'} x 2);
bites('a route without a script', 'src/api/routes.def:1', 'routes',
    'test/api/meters.api' => "PUT /v3/openmeter/meters/1\n=> 200\n");
bites('a route of which only a longer one is called', 'src/api/routes.def:1', 'routes',
    'test/api/meters.api' => "GET /v3/openmeter/meters/1/query\n=> 200\n");

done_testing();
