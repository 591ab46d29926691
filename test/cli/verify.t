#!/usr/bin/perl
# verify.t: `tollgate verify` finds what somebody changed behind the program's back in the rows of an
# issued invoice, wherever it is, and names it; and nothing else.
use strict;
use warnings;
use lib 'test/lib';
use JSON::PP ();
use Server;
use Test::More;

my $json = JSON::PP->new->canonical;
my $server = Server->new;
$server->start('--dev', '--clock', 'manual=2026-01-01T00:00:00Z');
my $data = $server->{data};

sub api {
    my ($method, $path, $body, $status) = @_;
    my $answer = $server->request($method, $path, $body);
    is($answer->{status}, $status, "$method $path") or diag $answer->{content};
    return $answer->{content} ? $json->decode($answer->{content}) : undef;
}

# Runs a statement as somebody with the file would, who first takes the schema's guards away.
sub tamper {
    my ($statement) = @_;
    system('sqlite3', "$data/state.db",
        'DROP TRIGGER IF EXISTS invoice_issued_is_fixed; DROP TRIGGER IF EXISTS invoice_line_issued_is_fixed; ' . $statement) == 0
        or die "sqlite3: $?";
}

sub verify {
    my $run = $server->run([ 'verify', '--data', $data, '--output', 'json' ]);
    return ($run->{code}, $json->decode($run->{out}));
}

SKIP: {
    skip 'there is no sqlite3 here' if system('sqlite3 --version >/dev/null 2>&1') != 0;
    my $meter = api(POST => '/v3/openmeter/meters',
        { key => 'calls', name => 'Calls', aggregation => 'count', event_type => 'call' }, 201);
    my $feature = api(POST => '/v3/openmeter/features', { key => 'calls', name => 'Calls', meter => { id => $meter->{id} } }, 201);
    my $plan = api(POST => '/v3/openmeter/plans', {
        key => 'pro', name => 'Pro', currency => 'USD', billing_cadence => 'P1M',
        phases => [ { key => 'main', name => 'Main', rate_cards => [
            { key => 'fee', name => 'Fee', billing_cadence => 'P1M', price => { type => 'flat', amount => '10' } },
            { key => 'calls', name => 'Calls', feature => { id => $feature->{id} }, billing_cadence => 'P1M',
                price => { type => 'unit', amount => '0.5' } } ] } ] }, 201);
    api(POST => "/v3/openmeter/plans/$plan->{id}/publish", undef, 200);
    for my $n (1 .. 3) {
        my $customer = api(POST => '/v3/openmeter/customers', { key => "c$n", name => "C $n" }, 201);
        api(POST => '/v3/openmeter/subscriptions', { customer => { id => $customer->{id} }, plan => { key => 'pro' } }, 201);
    }
    api(POST => '/v3/openmeter/events', [ map {
        { specversion => '1.0', id => "e$_", source => 's', type => 'call', subject => 'c' . (1 + $_ % 3), time => '2026-01-02T00:00:00Z' }
    } 1 .. 30 ], 202);
    api(POST => '/v3/test-clock/advance', { to => '2026-03-02T00:00:00Z' }, 200);
    $server->stop;

    my ($status, $rows) = verify();
    is($status, 0, 'what was issued is what comes out');
    is_deeply($rows, [], 'nothing differs');

    # What, in which row, and what is named.
    my $line = q{(SELECT id FROM invoice_line WHERE name = 'Calls' AND metered_quantity = '10' ORDER BY id LIMIT 1)};
    my @cases = (
        [ "an amount of a detail", "details = replace(details, '\"total\":\"5.00\"', '\"total\":\"4.00\"')", 'details[0].totals.total' ],
        [ "the total of a line", "totals = replace(totals, '\"total\":\"5.00\"', '\"total\":\"50.00\"')", 'totals.total' ],
        [ "a quantity", "metered_quantity = '9'", 'metered_quantity' ],
        [ "how it is written", "metered_quantity = '10.0'", 'metered_quantity' ],
        [ "the price", "terms = replace(terms, '\"0.5\"', '\"0.4\"')", 'terms.price.amount' ],
        [ "the name", "name = 'Cells'", 'name' ],
        [ "the period", "service_to = '2026-01-02T00:00:00.000000000Z'", 'metered_quantity' ],
        [ "the snapshot", "usage_sequence = 3", 'metered_quantity' ],
    );
    for my $case (@cases) {
        my ($what, $change, $field) = @$case;
        my $old = `sqlite3 $data/state.db "SELECT $line"`;
        chomp $old;
        system("cp $data/state.db $data/state.kept") == 0 or die;
        tamper("UPDATE invoice_line SET $change WHERE id = '$old'");
        ($status, $rows) = verify();
        is($status, 1, "$what: the exit status tells");
        ok((grep { $_->{line} eq $old && $_->{field} eq $field } @$rows), "$what: $field of the line is named")
            or diag $json->encode($rows);
        is(scalar(grep { $_->{line} ne '-' && $_->{line} ne $old } @$rows), 0, "$what: no other line is");
        system("mv $data/state.kept $data/state.db") == 0 or die;
    }
    # What cannot be reckoned again is sealed, and a row that says nothing any more is told, too.
    my $invoice = `sqlite3 $data/state.db "SELECT invoice_id FROM invoice_line WHERE id = $line"`;
    chomp $invoice;
    my @sealed = (
        [ 'a number', invoice => "number = number || '0'", 'seal' ],
        [ 'the due date', invoice => "due_at = '2027-01-01T00:00:00.000000000Z'", 'seal' ],
        [ 'the copy of the customer', invoice => "customer = replace(customer, 'C ', 'D ')", 'seal' ],
        [ 'the copy of the supplier', invoice => "supplier = replace(supplier, 'Default', 'Others')", 'seal' ],
        [ 'the currency', invoice => "currency = 'XXX'", 'seal' ],
        [ 'the status', invoice => "status = 'payed'", 'rows' ],
        [ 'that it was issued', invoice => 'issued_at = NULL', 'seal' ],
        [ 'the part of a period', invoice_line => "part_index = 7", 'seal' ],
        [ 'whose a line is', invoice_line => "subscription_id = NULL", 'seal' ],
        [ 'the full period', invoice_line => "full_to = '2026-02-02T00:00:00.000000000Z'", 'seal' ],
        [ 'the feature', invoice_line => "feature_key = 'cells'", 'seal' ],
        [ 'the due time of a line', invoice_line => "invoice_at = '2026-02-02T00:00:00.000000000Z'", 'seal' ],
    );
    for my $case (@sealed) {
        my ($what, $table, $change, $field) = @$case;
        my $row = $table eq 'invoice' ? "'$invoice'" : $line;
        system("cp $data/state.db $data/state.kept") == 0 or die;
        tamper("UPDATE $table SET $change WHERE id = $row");
        ($status, $rows) = verify();
        is($status, 1, "$what: the exit status tells");
        is(scalar(@$rows), 1, "$what: in one place") or diag $json->encode($rows);
        is($rows->[0]{field}, $field, "$what: by $field");
        system("mv $data/state.kept $data/state.db") == 0 or die;
    }
    system("cp $data/state.db $data/state.kept") == 0 or die;
    tamper("DROP TRIGGER invoice_issued_stays; DROP TRIGGER invoice_line_issued_stays; "
        . "DELETE FROM invoice_line WHERE invoice_id = '$invoice'; DELETE FROM invoice WHERE id = '$invoice'");
    ($status, $rows) = verify();
    is_deeply([ map { [ @$_{qw(invoice field stored)} ] } @$rows ], [ [ $invoice, 'seal', '0 rows' ] ], 'an invoice that is gone');
    system("mv $data/state.kept $data/state.db") == 0 or die;

    # The schema keeps what was recorded of money.
    for my $statement ("UPDATE payment SET amount = '1'", 'DELETE FROM payment', 'UPDATE invoice_seal SET seal = 1', 'DELETE FROM invoice_seal') {
        my $said = `sqlite3 $data/state.db "$statement" 2>&1`;
        like($said, qr/fixed|stays/, "refused: $statement");
    }

    my $number = `sqlite3 $data/state.db "SELECT number FROM invoice WHERE issued_at IS NOT NULL ORDER BY id LIMIT 1"`;
    chomp $number;
    tamper("UPDATE invoice SET totals = replace(totals, '\"total\":\"1', '\"total\":\"2') WHERE number = '$number'");
    ($status, $rows) = verify();
    is($status, 1, 'the total of an invoice: the exit status tells');
    is_deeply([ map { [ @$_{qw(invoice line field)} ] } @$rows ], [ [ $number, '-', 'totals.total' ] ], 'the invoice is named');
}
done_testing;
