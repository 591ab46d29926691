#!/usr/bin/perl
# full.t: a full disk: what cannot be kept is answered 503 with Retry-After and leaves no trace, reads
# go on, and once there is space again writes succeed without a restart. The disk is a limit on the
# size of files that the process may write, set and lifted from outside.
use strict;
use warnings;
use lib 'test/lib';
use Server;
use Test::More;

my $server = Server->new;
$server->start;

sub event {
    my ($id, %more) = @_;
    return { specversion => '1.0', id => $id, source => 'full', type => 'work', subject => 's', %more };
}

sub send_event {
    my ($body) = @_;
    return $server->request(POST => '/v3/openmeter/events', $body);
}

sub listed {
    my $answer = $server->request(GET => '/v3/openmeter/events?page[size]=100&sort=time');
    return "status $answer->{status}" if $answer->{status} != 200;
    return join ' ', sort map { $_->{event}{id} } @{ $answer->{json}{data} };
}

sub total {
    my ($meter) = @_;
    my $answer = $server->request(POST => "/v3/openmeter/meters/$meter/query", {});
    return "status $answer->{status}" if $answer->{status} != 200;
    return join ' ', map { $_->{value} } @{ $answer->{json}{data} };
}

# No file may be written at or beyond this byte.
sub limit_files {
    my ($bytes) = @_;
    system('prlimit', '--pid', $server->{pid}, "--fsize=$bytes:") == 0 or die "prlimit failed\n";
}

my $meter = $server->request(POST => '/v3/openmeter/meters',
    { key => 'work', name => 'Work', aggregation => 'count', event_type => 'work' })->{json}{id};
is(send_event(event('before'))->{status}, 202, 'an event is kept');

for my $round (1 .. 3) {
    limit_files(1);
    for my $try (1 .. 3) {
        my $answer = send_event([ event("full-$round-$try"), event("full-$round-$try-b") ]);
        is($answer->{status}, 503, "round $round: on a full disk an event is not taken");
        ok($answer->{headers}{'retry-after'}, "round $round: the client is told when to come again");
        like($answer->{headers}{'content-type'}, qr{^application/problem\+json}, "round $round: by a problem");
    }
    my $made = $server->request(POST => '/v3/openmeter/meters',
        { key => "full_$round", name => 'Full', aggregation => 'count', event_type => 'full' });
    is($made->{status}, 503, "round $round: nor is a meter made");
    my $kept = join ' ', sort 'before', map { "after-$_" } 1 .. $round - 1;
    is(listed(), $kept, "round $round: events are listed, and none that was refused");
    is(total($meter), $round, "round $round: queries go on");
    is($server->request(GET => '/healthz')->{status}, 200, "round $round: the server lives");
    limit_files('unlimited');
    is(send_event(event("after-$round"))->{status}, 202, "round $round: with space again an event is kept");
    is(send_event(event('before'))->{headers}{'x-tollgate-duplicates'}, 1, "round $round: duplicates are still known");
    is($server->request(POST => '/v3/openmeter/meters',
        { key => "full_$round", name => 'Full', aggregation => 'count', event_type => 'full' })->{status}, 201,
        "round $round: and the meter is made");
}

is($server->stop, 0, 'it stops in good order');
$server->start;
is(listed(), 'after-1 after-2 after-3 before', 'after a restart everything acknowledged is there, and nothing else');
is($server->stop, 0, 'and stops again');
done_testing;
