#!/usr/bin/perl
# clocks.t: lives on a test clock, run in pieces. Customers come in pairs, one on each of two clocks.
# One clock is advanced by a year in one go; while the other is, the server is killed with SIGKILL at
# random moments, and the advance is asked for again until it is through. Then the two of each pair
# have been billed the same, to the cent, and the outbox has no gap.
#
#   CRASH_KILLS=100 SEED=7 prove test/crash/clocks.t
use strict;
use warnings;
use lib 'test/lib';
use JSON::PP ();
use POSIX ();
use Server;
use Test::More;
use Time::HiRes qw(sleep);

my $seed = $ENV{SEED} // int(rand(2**31));
my $kills = $ENV{CRASH_KILLS} // 12;
my $pairs = 8;
print "# SEED=$seed CRASH_KILLS=$kills\n";
srand $seed;

my $json = JSON::PP->new->canonical;
my $server = Server->new;
$server->start;
$server->keep_port;

sub ask {
    my ($method, $path, $body) = @_;
    my $answer = $server->request($method => "/v3/openmeter$path", $body);
    die "$method $path: $answer->{status} $answer->{content}\n" if $answer->{status} >= 300;
    return $answer->{json};
}

my $meter = ask(POST => '/meters', { key => 'calls', name => 'Calls', aggregation => 'count', event_type => 'call' });
my $feature = ask(POST => '/features', { key => 'calls', name => 'Calls', meter => { id => $meter->{id} } });
my @cards = (
    { key => 'fee', name => 'Fee', billing_cadence => 'P1M', price => { type => 'flat', amount => '10' } },
    { key => 'calls', name => 'Calls', billing_cadence => 'P1M', feature => { id => $feature->{id} },
        price => { type => 'unit', amount => '0.35' } },
);
my $plan = ask(POST => '/plans', { key => 'p', name => 'P', currency => 'USD', billing_cadence => 'P1M',
        phases => [ { key => 'main', name => 'Main', rate_cards => \@cards } ] });
ask(POST => "/plans/$plan->{id}/publish");

my @clocks = map { ask(POST => '/test-clocks', { name => $_, now => '2026-01-01T00:00:00Z' })->{id} } 'whole', 'pieces';
my (@customers, @events);
for my $pair (0 .. $pairs - 1) {
    my $zone = (undef, 'Europe/Budapest', 'America/New_York')[ $pair % 3 ];
    for my $side (0, 1) {
        my $key = "customer-$pair-$side";
        my $customer = ask(POST => '/customers', { key => $key, name => $key, test_clock_id => $clocks[$side],
                ($zone ? (time_zone => $zone) : ()) });
        $customers[$pair][$side] = $customer->{id};
        ask(POST => '/subscriptions', { customer => { id => $customer->{id} }, plan => { key => 'p' } });
    }
    for my $number (0 .. int rand 60) {
        my $time = POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(1767225600 + int rand 31536000));
        push @events, map { { specversion => '1.0', id => "$pair.$_.$number", source => 'crash', type => 'call',
                subject => "customer-$pair-$_", time => $time } } 0, 1;
    }
}
ask(POST => '/events', $json->encode(\@events));

my $end = '2027-01-15T00:00:00Z';
is(ask(POST => "/test-clocks/$clocks[0]/advance", { to => $end })->{now}, $end, 'one clock goes a year in one go');

# ---- kills -----------------------------------------------------------------------------------

my ($killed, $failed, @reached) = (0, 0);
while ($killed < $kills) {
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        $server->request(POST => "/v3/openmeter/test-clocks/$clocks[1]/advance", { to => $end });
        POSIX::_exit(0);
    }
    sleep rand 0.12;
    $server->stop('KILL');
    waitpid $pid, 0;
    $killed++;
    if (!$server->try_start) {
        $failed++;
        diag("the server did not start: $server->{said}");
        last;
    }
    push @reached, ask(GET => "/test-clocks/$clocks[1]")->{now};
}
is($failed, 0, "the server came up after each of $killed kills");
print '# the clock stood at ', join(', ', map { substr $_, 0, 10 } @reached), "\n";
is_deeply([ sort @reached ], \@reached, 'the clock never went back');
is(ask(POST => "/test-clocks/$clocks[1]/advance", { to => $end })->{now}, $end, 'the other clock gets there, too');

# ---- accounts --------------------------------------------------------------------------------

my @numbers;

# A life in bills, without what differs between two customers: the invoices, with their dates and
# lines, and what still gathers. Keeps the numbers that were given.
sub bills {
    my ($id) = @_;
    my @bills;
    my $list = ask(GET => "/billing/invoices?filter[customer_id]=$id&page[size]=100&sort=created_at")->{data};
    for my $invoice ((map { ask(GET => "/billing/invoices/$_->{id}") } @$list), @{ ask(GET => "/customers/$id/invoices/preview")->{data} }) {
        push @numbers, $invoice->{number} =~ /(\d+)$/ if $invoice->{issued_at};
        my @lines = sort map { join ' ', $_->{name}, $_->{service_period}{from}, $_->{service_period}{to}, $_->{totals}{total} }
            @{ $invoice->{lines} };
        push @bills, { status => $invoice->{status}, total => $invoice->{totals}{total}, lines => \@lines,
            map { $_ => $invoice->{$_} } qw(service_period issued_at due_at created_at) };
    }
    return \@bills;
}

for my $pair (0 .. $pairs - 1) {
    my ($whole, $pieces) = map { bills($_) } @{ $customers[$pair] };
    cmp_ok(scalar @$whole, '>=', 13, "pair $pair: a year of invoices: " . scalar @$whole);
    is_deeply($pieces, $whole, "pair $pair: billed the same in pieces");
}
cmp_ok(scalar @numbers, '>=', 24 * $pairs, scalar(@numbers) . ' invoices were issued');
is_deeply([ sort { $a <=> $b } @numbers ], [ 1 .. @numbers ], 'their numbers have no gap, and none stands twice');

my ($after, $gaps, %subjects) = (0, 0);
while (1) {
    my $page = ask(GET => '/outbox?page[size]=200' . ($after ? "&page[after]=$after" : ''))->{data};
    last if !@$page;
    for (@$page) {
        $gaps++ if $_->{sequence} != $after + 1 || $_->{subject_sequence} != ++$subjects{ $_->{subject_id} };
        $after = $_->{sequence};
    }
}
cmp_ok($after, '>=', 4 * $pairs, "$after events in the outbox");
is($gaps, 0, 'without a gap');
is($server->stop, 0, 'the server ends well');
done_testing();
