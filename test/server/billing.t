#!/usr/bin/perl
# billing.t: billing under concurrency, over HTTP: many clients ask for the same thing at the same
# moment, and a kill comes in between. Hard cases 31, 32, a, d, f, h.
use strict;
use warnings;
use lib 'test/lib';
use JSON::PP ();
use Server;
use Test::More;

my @at = ('--dev', '--clock', 'manual=2026-04-01T00:00:00Z');
my $CLIENTS = 8;
my $server = Server->new;
$server->start(@at);

# The request, which is to succeed with the status; its JSON.
sub want {
    my ($status, $method, $path, $body, $headers) = @_;
    my $answer = $server->request($method, $path, $body, $headers);
    $answer->{status} == $status or BAIL_OUT("$method $path: $answer->{status} $answer->{content}");
    return $answer->{json};
}

# Each request from a process and over a connection of its own, all begun together; their statuses.
sub at_once {
    my (@requests) = @_;
    pipe(my $gate, my $open) or die "pipe: $!";
    my @pids = map {
        my $request = $_;
        my $pid = fork // die "fork: $!";
        if (!$pid) {
            close $open;
            $server->{http} = HTTP::Tiny->new(timeout => 60, max_redirect => 0);
            sysread $gate, my $byte, 1;
            my $answer = eval { $server->request(@$request) };
            POSIX::_exit($answer ? int($answer->{status} / 100) * 10 + ($answer->{status} == 409) : 0);
        }
        $pid;
    } @requests;
    close $gate;
    close $open;
    my @statuses = map { waitpid $_, 0; $? >> 8 } @pids;
    return { map { my $status = $_; ($status => scalar grep { $_ == $status } @statuses) } @statuses };
}

sub make_plan {
    my ($key, $amount, $term) = @_;
    my $plan = want(201, POST => '/v3/openmeter/plans', { key => $key, name => ucfirst $key, currency => 'USD',
        billing_cadence => 'P1M', phases => [ { key => 'main', name => 'Main', rate_cards => [
            { key => 'fee', name => 'Fee', billing_cadence => 'P1M', payment_term => $term,
              price => { type => 'flat', amount => $amount } } ] } ] });
    want(200, POST => "/v3/openmeter/plans/$plan->{id}/publish");
    return $plan->{id};
}

sub customer {
    my ($key) = @_;
    return want(201, POST => '/v3/openmeter/customers', { key => $key, name => ucfirst $key })->{id};
}

sub invoices_of {
    my ($customer) = @_;
    return @{ want(200, GET => "/v3/openmeter/billing/invoices?filter[customer_id]=$customer&page[size]=100")->{data} };
}

sub advance { want(200, POST => '/v3/test-clock/advance', { to => $_[0] }) }

make_plan('basic', '30', 'in_arrears');
make_plan('pro', '60', 'in_arrears');

# ---- one subscription, however many ask for it -------------------------------------------------------

my $acme = customer('acme');
my $got = at_once(map { [ POST => '/v3/openmeter/subscriptions',
    { customer => { key => 'acme' }, plan => { key => 'basic' } } ] } 1 .. $CLIENTS);
is_deeply($got, { 20 => 1, 41 => $CLIENTS - 1 }, 'the same subscription at once: one is made, the others are refused');
my @subscriptions = @{ want(200, GET => "/v3/openmeter/subscriptions?filter[customer_id]=$acme")->{data} };
is(scalar @subscriptions, 1, 'one subscription is there');
my $subscription = $subscriptions[0]{id};

# ---- 32: two changes on the same base ---------------------------------------------------------------

advance('2026-04-16T00:00:00Z');
$got = at_once(
    (map { [ POST => "/v3/openmeter/subscriptions/$subscription/change",
        { customer => { id => $acme }, timing => 'immediate', plan => { key => 'pro' } }, { 'If-Match' => '"1"' } ] } 1 .. $CLIENTS / 2),
    (map { [ POST => "/api/v1/subscriptions/$subscription/change",
        { timing => 'immediate', plan => { key => 'pro' } }, { 'If-Match' => '"1"' } ] } 1 .. $CLIENTS / 2));
is($got->{20}, 1, '32: of changes on the same base one wins');
is(($got->{40} // 0) + ($got->{41} // 0), $CLIENTS - 1, '32: the others are refused');
is(scalar(@{ want(200, GET => "/v3/openmeter/subscriptions?filter[customer_id]=$acme")->{data} }), 2,
    '32: one subscription came out of it');

# ---- 31: cancelled and subscribed again in the same second --------------------------------------------

my $initech = customer('initech');
want(201, POST => '/v3/openmeter/subscriptions', { customer => { key => 'initech' }, plan => { key => 'basic' },
    billing_anchor => '2026-04-01T00:00:00Z' });
my $first = want(200, GET => "/v3/openmeter/subscriptions?filter[customer_id]=$initech")->{data}[0]{id};
advance('2026-04-21T00:00:00Z');
want(200, POST => "/v3/openmeter/subscriptions/$first/cancel", { timing => 'immediate' });
want(201, POST => '/v3/openmeter/subscriptions', { customer => { key => 'initech' }, plan => { key => 'basic' },
    billing_anchor => '2026-04-01T00:00:00Z' });

# ---- a, d: many invoices issued at the same time, each asked for by several --------------------------

my @customers = map { customer("many_$_") } 1 .. 100;
my %line = (period => { from => '2026-04-01T00:00:00Z', to => '2026-04-20T00:00:00Z' },
    invoiceAt => '2026-04-20T00:00:00Z', name => 'Work',
    rateCard => { price => { type => 'flat', amount => '7', paymentTerm => 'in_arrears' } });
want(201, POST => "/api/v1/billing/customers/$_/invoices/pending-lines", { currency => 'USD', lines => [ \%line ] })
    for @customers;
my %count;
for my $from (map { $_ * 10 } 0 .. 9) {
    my @some = @customers[ $from .. $from + 9 ];
    $got = at_once(map { [ POST => '/api/v1/billing/invoices/invoice', { customerId => $_ } ] } @some, @some);
    $count{$_} += $got->{$_} for keys %$got;
}
is($count{20}, 100, 'd: of two who invoice the same line at once one does');
is($count{20} + ($count{40} // 0) + ($count{41} // 0), 200, 'd: the other is refused');
my @mine = map { invoices_of($_) } @customers;
is(scalar @mine, 100, 'd: one invoice for each customer');
# Acme has the first number by now.
is_deeply([ sort { $a <=> $b } map { $_->{number} =~ /^OM-SANDBOX-\w+-(\d+)$/ } @mine ], [ 2 .. 101 ],
    'a: a hundred invoices issued in parallel have the hundred numbers after the first');

# A kill, and the clock over it again: nothing is billed a second time.
$server->stop('KILL');
$server->start('--dev', '--clock', 'manual=2026-04-21T00:00:00Z');
advance('2026-05-01T02:00:00Z');
is(scalar(map { invoices_of($_) } @customers), 100, 'd: after a kill there is still one for each');
is_deeply([ sort map { "$_->{totals}{total}" } invoices_of($acme) ], [ '15.00', '30.00' ], '32: half of April at each price');
is_deeply([ map { "$_->{status} $_->{totals}{total}" } invoices_of($initech) ], [ 'paid 5.00', 'paid 10.00' ],
    '31: five days and ten: each day once, and nothing is owed');
my @numbers = sort { $a <=> $b } map { $_->{number} =~ /-(\d+)$/ }
    map { @{ want(200, GET => "/v3/openmeter/billing/invoices?page[size]=100&page[number]=$_")->{data} } } 1, 2;
is_deeply(\@numbers, [ 1 .. @numbers ], 'a: all numbers there are have no gap');

# ---- h: the same key twice is once, another key is once more ------------------------------------------

my $globex = customer('globex');
my %fee = (%line, name => 'Fee');
my $path = "/api/v1/billing/customers/$globex/invoices/pending-lines";
$got = at_once(map { [ POST => $path, { currency => 'USD', lines => [ \%fee ] }, { 'Idempotency-Key' => 'one' } ] } 1 .. $CLIENTS);
is($got->{20} + ($got->{41} // 0), $CLIENTS, 'h: the same request under one key is answered or asked to wait');
want(201, POST => $path, { currency => 'USD', lines => [ \%fee ] }, { 'Idempotency-Key' => 'two' });
my $preview = want(200, GET => "/v3/openmeter/customers/$globex/invoices/preview")->{data};
is(scalar @{ $preview->[0]{lines} }, 2, 'h: two keys are two lines');

$got = at_once(map { [ POST => "/v3/openmeter/customers/$globex/invoices/pending-lines", { currency => 'USD', lines => [
    { name => 'Fee', service_period => $line{period}, invoice_at => '2026-04-20T00:00:00Z',
      rate_card => { price => { type => 'flat', amount => '7' } } } ] }, { 'Idempotency-Key' => 'three' } ] } 1 .. $CLIENTS);
is($got->{20} + ($got->{41} // 0), $CLIENTS, 'h: the same in the other contract');
$preview = want(200, GET => "/v3/openmeter/customers/$globex/invoices/preview")->{data};
is(scalar @{ $preview->[0]{lines} }, 3, 'h: three keys are three lines');

# ---- f: paid is reported many times at once, then an older failure -----------------------------------

my $app = want(200, POST => '/api/v1/marketplace/listings/custom_invoicing/install',
    { name => 'Ours', createBillingProfile => JSON::PP::true() })->{app}{id};
my ($profile) = grep { $_->{apps}{invoicing}{id} eq $app } @{ want(200, GET => '/v3/openmeter/profiles')->{data} };
want(200, PUT => "/v3/openmeter/customers/$globex/billing", { billing_profile => { id => $profile->{id} } });
my ($drawn) = @{ want(201, POST => '/api/v1/billing/invoices/invoice', { customerId => $globex }) };
my $invoice = $drawn->{id};
my $callback = "/api/v1/apps/custom-invoicing/$invoice/payment/status";
is(want(200, GET => "/v3/openmeter/billing/invoices/$invoice")->{status}, 'payment_processing', 'f: it waits for its money');
$got = at_once(map { [ POST => $callback, { trigger => 'paid' } ] } 1 .. $CLIENTS);
is($got->{20} + ($got->{41} // 0), $CLIENTS, 'f: reports at once are taken, or asked to come again');
want(204, POST => $callback, { trigger => 'paid' });
is($server->request(POST => $callback, { trigger => 'payment_failed' })->{status}, 409, 'f: the older failure comes too late');
$server->stop('KILL');
$server->start('--dev', '--clock', 'manual=2026-05-01T02:00:00Z');
is($server->request(POST => $callback, { trigger => 'payment_failed' })->{status}, 409, 'f: after a kill, too');
my $balance = want(200, GET => "/v3/openmeter/billing/invoices/$invoice/balance");
is("$balance->{status} $balance->{paid} $balance->{refund_due}", 'paid 21.00 0.00', 'f: paid once, and stays paid');

# ---- late usage is billed once, however many ask for the invoice -------------------------------------

my $meter = want(201, POST => '/v3/openmeter/meters', { key => 'calls', name => 'Calls', aggregation => 'count', event_type => 'call' });
my $feature = want(201, POST => '/v3/openmeter/features', { key => 'calls', name => 'Calls', meter => { id => $meter->{id} } });
my $called = 0;
sub call_at {
    my ($subject, $time) = @_;
    want(202, POST => '/v3/openmeter/events', { specversion => '1.0', id => 'call-' . ++$called, source => 't',
        type => 'call', subject => $subject, time => $time });
}
my @late = map { customer("late_$_") } 1 .. 5;
for my $i (0 .. $#late) {
    want(201, POST => "/v3/openmeter/customers/$late[$i]/invoices/pending-lines", { currency => 'USD', lines => [
        { name => 'Calls', service_period => { from => '2026-04-01T00:00:00Z', to => '2026-05-01T00:00:00Z' },
          invoice_at => '2026-05-01T00:00:00Z',
          rate_card => { feature_key => 'calls', price => { type => 'unit', amount => '2' } } } ] });
    call_at('late_' . ($i + 1), '2026-04-10T00:00:00Z');
}
advance('2026-05-01T04:00:00Z');
call_at('late_' . ($_ + 1), '2026-04-11T00:00:00Z') for 0 .. $#late;
for my $who (@late) {
    $got = at_once(map { [ POST => '/v3/openmeter/billing/invoices/invoice', { customer_id => $who } ] } 1 .. $CLIENTS);
    is($got->{20}, 1, 'late usage: of those who ask at once one gets the invoice');
    is_deeply([ sort map { $_->{totals}{total} } invoices_of($who) ], [ '2.00', '2.00' ], 'late usage: billed once');
}

# ---- a draft is approved while its subscription is cancelled -----------------------------------------

# Whoever comes first: it is issued with what is left of the fee, or issued whole and credited.
make_plan('ahead', '62', 'in_advance');
my @ending = map { customer("ending_$_") } 1 .. 6;
my @running = map {
    want(200, PUT => "/api/v1/billing/customers/$ending[$_]", { workflow => { invoicing => { autoAdvance => JSON::PP::false } } });
    want(201, POST => '/v3/openmeter/subscriptions', { customer => { id => $ending[$_] }, plan => { key => 'ahead' } })->{id};
} 0 .. $#ending;
advance('2026-05-11T04:00:00Z');
for my $i (0 .. $#ending) {
    my ($draft) = invoices_of($ending[$i]);
    $got = at_once([ POST => "/v3/openmeter/billing/invoices/$draft->{id}/approve" ],
        [ POST => "/api/v1/subscriptions/$running[$i]/cancel", { timing => 'immediate' } ]);
    is_deeply($got, { 20 => 2 }, 'approved and cancelled at once: both are done');
    my $cents = 100 * want(200, GET => "/v3/openmeter/billing/invoices/$draft->{id}")->{totals}{total};
    $cents -= 100 * $_->{totals}{total}
        for @{ want(200, GET => "/v3/openmeter/billing/invoices/$draft->{id}/credit-notes")->{data} };
    is($cents, 2000, 'approved and cancelled at once: ten of 31 days are paid');
}

is($server->stop, 0, 'the server ends in good order');
done_testing();
