#!/usr/bin/perl
# demo.t: the demo, run twice: the file it sends is what the generator makes, and what it prints is
# what the generator says must come out.
use strict;
use warnings;
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;

my $program = $ENV{TOLLGATE} // 'build/debug/tollgate';
my $generate = dirname($program) . '/demo/generate';

my %want;
open my $in, '<', 'demo/expected.txt' or die "demo/expected.txt: $!\n";
while (<$in>) { my ($name, $number) = split; $want{$name} = $number }
close $in;

is(`$generate --expect`, join('', map { "$_ $want{$_}\n" }
    qw(sent accepted duplicates unattributed early acme-inc globex initech umbrella)),
    'demo/expected.txt is what the generator counts');
is(system('bash', '-c', "cmp <($generate) <(gzip -dc demo/events.jsonl.gz)"), 0,
    'demo/events.jsonl.gz is what the generator makes');

$ENV{DEMO_DATA} = tempdir(CLEANUP => 1) . '/data';
my @customers = qw(acme-inc globex initech umbrella);
for my $run ('first', 'second') {
    my $out = `demo/run $program 2>&1`;
    is($?, 0, "the $run run ends with status 0") or diag($out);
    like($out, qr/$want{sent} sent, $want{accepted} accepted, $want{duplicates} duplicates, 0 rejected/,
        "$run run: what was sent");
    like($out, qr/invoice of $_:\n  OM-SANDBOX-[A-Z]+-\d+  paid\n.*?\n\s+Agent Runs: [^\n]* $want{$_} +1\.00 +$want{$_}\.00 +$want{$_}\.00\n.*?\n  Outstanding  0\.00 USD\n/s,
        "$run run: the invoice of $_") for @customers;
    my @numbers = sort { $a <=> $b } $out =~ /^  OM-SANDBOX-[A-Z]+-(\d+)  \S.* paid +USD /mg;
    is("@numbers", '1 2 3 4', "$run run: invoices are numbered without gaps");
    my $billed = 0;
    $billed += $want{$_} for @customers;
    like($out, qr/^ +$billed +counted on an invoice$/m, "$run run: what was billed");
    like($out, qr/^ +$want{unattributed} +left unattributed/m, "$run run: what is nobody's");
    like($out, qr/^ +$want{early} +from before the subscription/m, "$run run: what came too early");
}
done_testing();
