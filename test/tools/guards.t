#!/usr/bin/perl
# guards.t: every rule of test/guards.txt has a guard, and each guard is where the table says.
use strict;
use warnings;
use Test::More;

sub slurp {
    my ($path) = @_;
    open my $in, '<', $path or return undef;
    local $/;
    return scalar <$in>;
}

my %guards;
for (split /\n/, slurp('test/guards.txt') // die "test/guards.txt: $!\n") {
    next if /^#/ || !/\S/;
    my ($rule, $path, $place) = map { s/^\s+|\s+$//gr } split /\|/, $_, 3;
    $guards{$rule}++;
    if ($path eq '-') {
        isnt($place, '', "$rule: why it has no guard");
        next;
    }
    my $text = slurp($path);
    ok(defined $text && index($text, $place) >= 0, "$rule: $path: $place");
}

my @wanted = (map({ "R$_" } 83 .. 115), map({ "E$_" } 1 .. 5, 10 .. 13, 15, 16, 28 .. 31), map({ "I$_" } 1 .. 9));
is_deeply([ grep { !$guards{$_} } @wanted ], [], 'no rule is without a guard');
done_testing();
