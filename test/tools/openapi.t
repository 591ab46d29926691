#!/usr/bin/perl
# openapi.t: the OpenAPI documents in the tree are those that the program serves, and each path and
# schema that they name is there.
use strict;
use warnings;
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

my $program = $ENV{TOLLGATE} // 'build/debug/tollgate';
my $made = tempdir(CLEANUP => 1);
is(system('tools/openapi', $program, $made), 0, 'the program prints its documents');

sub read_file {
    my ($path) = @_;
    open my $in, '<', $path or return '';
    local $/;
    return <$in>;
}

sub references {
    my ($value) = @_;
    return map { references($_) } @$value if ref $value eq 'ARRAY';
    return () if ref $value ne 'HASH';
    return map { $_ eq '$ref' ? $value->{$_} : references($value->{$_}) } keys %$value;
}

for my $name ('openmeter-v1.json', 'openmeter-v3.json') {
    ok(read_file("api/openapi/$name") eq read_file("$made/$name"), "api/openapi/$name is what the program serves")
        or diag 'make openapi writes it anew';
    my $document = decode_json(read_file("$made/$name"));
    cmp_ok(scalar keys %{ $document->{paths} }, '>', 10, "$name names paths");
    my @lost = grep { m{^#/components/schemas/(.+)$} ? !$document->{components}{schemas}{$1} : 1 } references($document);
    is("@lost", '', "$name holds every schema that it refers to");
}

# What handlers read of query strings stands in query_params.def, where the description has it from.
my %described = map { $_ => 1 } read_file('src/api/query_params.def') =~ /^\w+\(\w+, \w+, "([^"]+)"/gm;
my %read;
for my $file (glob 'src/api/*.c') {
    next if $file =~ m{/(params|filters|query_params)\.c$};
    my $source = read_file($file);
    $read{$1} = $file while $source =~ /param_(?:text|list|instant|bool)\(call, "([^"]+)"\)/g;
    $read{$1} = $file while $source =~ /\{ "(\w+)", FILTER_KIND_/g;
}
delete @read{qw(page[after] page[before])};
is(join(' ', grep { !$described{$_} } sort keys %read), '', 'each parameter that is read is described');

done_testing();
