#!/usr/bin/perl
# floors.t: the Makefile links a unit test with its module and the floors below only, so that an
# upward call does not link. Shown with the project's own Makefile on a small made-up tree.
use strict;
use warnings;
use File::Copy qw(copy);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

my $root = tempdir(CLEANUP => 1);

sub write_file {
    my ($path, $text) = @_;
    make_path("$root/" . $path =~ s{/[^/]+$}{}r);
    open my $out, '>', "$root/$path" or die "$path: $!";
    print $out $text;
    close $out;
}

make_path("$root/tools", "$root/build");
copy($_, "$root/$_") or die "$_: $!" for 'Makefile', 'tools/gen_sql', 'tools/deps';
chmod 0755, "$root/tools/gen_sql", "$root/tools/deps";
write_file('build/deps.mk', "PKG_CFLAGS :=\nPKG_LIBS :=\n");
write_file("src/$_/$_.c", "int ${_}_word(void);\n\nint ${_}_word(void)\n{\n    return 0;\n}\n")
    for 'base', 'rating', 'usage', 'bill';

# Builds a unit test of rating that calls the module's function; the status and the words of make.
sub build_test {
    my ($module) = @_;
    write_file("test/unit/rating/test_$module.c",
        "int ${module}_word(void);\n\nint main(void)\n{\n    return ${module}_word();\n}\n");
    my $printed = `cd $root && env -u MAKEFLAGS -u MAKELEVEL make V=debug CC=gcc LDLIBS= build/debug/test/rating/test_$module 2>&1`;
    return ($?, $printed);
}

for my $module ('rating', 'base') {
    my ($status, $printed) = build_test($module);
    is($status, 0, "a test of rating may call $module") or diag $printed;
}
for my $module ('bill', 'usage') {
    my ($status, $printed) = build_test($module);
    isnt($status, 0, "a test of rating may not call $module");
    like($printed, qr/undefined reference to .${module}_word/, '... because it does not link');
}

done_testing();
