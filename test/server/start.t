#!/usr/bin/perl
# start.t: how the server starts, refuses to start, and stops: SIGTERM while requests are under way
# loses nothing that was answered with a 2xx, and leaves no request half done.
use strict;
use warnings;
use lib 'test/lib';
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();
use Server;
use Test::More;
use Time::HiRes qw(sleep time);

my $json = JSON::PP->new->canonical;

sub event {
    my ($id, $subject) = @_;
    return { specversion => '1.0', id => $id, source => 'stop', type => 'work', subject => $subject };
}

# ---- what it refuses to start with -----------------------------------------------------------

my $first = Server->new;
$first->start;
my ($port) = $first->{base} =~ /:(\d+)$/;

sub refuses {
    my ($name, $server, $options, $code, $says) = @_;
    my $base = $server->try_start(@$options);
    $server->stop('KILL') if $base;
    is($base, undef, "$name: it does not start");
    is($base ? -1 : $server->{status} >> 8, $code, "$name: exit code $code");
    like($server->{said} // '', $says, "$name: says why");
}

refuses('a port in use', Server->new, [ '--listen', "127.0.0.1:$port" ], 6, qr/^tollgate serve: the port is already in use$/m);
refuses('a data directory in use', Server->new(data => $first->{data}), [], 6,
    qr/^tollgate serve: the data directory is in use by another process$/m);
is($first->request(GET => '/v3/openmeter/meters')->{status}, 200, 'the server that is there is not disturbed');
is($first->stop, 0, 'it stops');

for my $listen ('0.0.0.0:0', '[::]:0', '192.0.2.1:0') {
    refuses("$listen without tokens", Server->new, [ '--listen', $listen ], 6,
        qr/^tollgate serve: requests would need a token and there is none: make one with `tollgate token create`$/m);
}
refuses('--auth without tokens', Server->new, ['--auth'], 6, qr/there is none: make one with `tollgate token create`$/m);
refuses('a manual clock without --dev', Server->new, [ '--clock', 'manual=2026-01-01T00:00:00Z' ], 2,
    qr/^tollgate serve: a manual clock is for development only: add --dev$/m);
refuses('another clock', Server->new, [ '--dev', '--clock', 'moon' ], 2, qr/--clock is "system" or "manual=/);
refuses('a manual clock without a time', Server->new, [ '--dev', '--clock', 'manual=noon' ], 2, qr/--clock is "system" or "manual=/);
refuses('an address without a port', Server->new, [ '--listen', '127.0.0.1' ], 2, qr/--listen is ADDRESS:PORT$/m);
refuses('a port that is none', Server->new, [ '--listen', '127.0.0.1:65536' ], 2, qr/--listen is ADDRESS:PORT$/m);
refuses('no workers', Server->new, [ '--workers', 0 ], 2, qr/--workers must be a whole number from 1 to 256$/m);
refuses('an argument', Server->new, ['now'], 2, qr/too many arguments$/m);
refuses('a directory that cannot be made', Server->new(data => '/nonexistent/data'), [], 6,
    qr/^tollgate serve: the data directory cannot be made$/m);

my $file = Server->new;
$file->{data} = $file->file('data', 'no directory');
refuses('a file for a directory', $file, [], 6, qr/^tollgate serve: the data directory is no directory$/m);

my $spoiled = Server->new;
mkdir $spoiled->{data};
$spoiled->file('data/state.db', 'this is no database ' x 1000);
refuses('a state that is no database', $spoiled, [], 6, qr/^tollgate serve: .*state\.db: file is not a database$/m);

# ---- tokens ----------------------------------------------------------------------------------

my $guarded = Server->new;
my $made = $guarded->run([ 'token', 'create', '--name', 'first', '--data', $guarded->{data} ]);
is($made->{code}, 0, 'a token can be made before the first start') or diag($made->{err});
my ($token) = $made->{out} =~ /\b([ks]pat_\w+)/;
ok($token, 'and is printed') or diag($made->{out});
$guarded->start('--listen', '0.0.0.0:0');
is($guarded->request(GET => '/v3/openmeter/meters')->{status}, 401, 'then the server starts, and demands it');
is($guarded->request(GET => '/v3/openmeter/meters', undef, { Authorization => "Bearer $token" })->{status}, 200,
    'and answers those who have it');
is($guarded->stop('INT'), 0, 'SIGINT stops it as well');

# ---- a damaged event log ---------------------------------------------------------------------

my $damaged = Server->new;
$damaged->start;
for my $n (1 .. 50) {
    $damaged->request(POST => '/v3/openmeter/events', $json->encode([ map { event("$n.$_", 'me') } 1 .. 20 ]),
        { 'Content-Type' => 'application/cloudevents-batch+json' })->{status} == 202 or die 'not taken';
}
is($damaged->stop, 0, 'a server with events stops');
my ($segment) = sort { -s $b <=> -s $a } glob "$damaged->{data}/usage/*";
open my $bytes, '+<', $segment or die "$segment: $!";
binmode $bytes;
my $whole = do { local $/; <$bytes> };
my $at = index $whole, '25.10';
cmp_ok($at, '>', 0, 'the log holds the event in the middle');
seek $bytes, $at, 0;
print $bytes 'X';
close $bytes;
refuses('a damaged event log', $damaged, [], 6,
    qr/^tollgate serve: the event log is damaged: a record does not match its checksum$/m);
is(Server::slurp($segment), substr($whole, 0, $at) . 'X' . substr($whole, $at + 1), 'which is left as it is, for the repair');
open $bytes, '+<', $segment or die "$segment: $!";
seek $bytes, $at, 0;
print $bytes substr $whole, $at, 1;
close $bytes;
$damaged->start;
is(scalar @{ $damaged->request(GET => '/v3/openmeter/events?page[size]=1')->{json}{data} }, 1, 'mended, it starts');
is($damaged->stop, 0, 'and stops');

# ---- a graceful stop -------------------------------------------------------------------------

my $server = Server->new;
$server->start;
$server->keep_port;
is($server->request(POST => '/v3/openmeter/meters', { key => 'work', name => 'Work', aggregation => 'count', event_type => 'work' })->{status},
    201, 'a meter');

# Sends batches of 20, each with a subject of its own, until the server is gone; notes which were
# answered and which were not.
sub send_until_gone {
    my ($name) = @_;
    my $http = HTTP::Tiny->new(timeout => 30);
    open my $notes, '>', "$server->{directory}/$name" or return 1;
    for (my $n = 0;; $n++) {
        my $subject = "$name.$n";
        my $answer = $http->post("$server->{base}/v3/openmeter/events", {
                headers => { 'Content-Type' => 'application/cloudevents-batch+json' },
                content => $json->encode([ map { event("$subject.$_", $subject) } 1 .. 20 ]) });
        print $notes "$subject $answer->{status}\n";
        last if $answer->{status} != 202;
    }
    return close $notes ? 0 : 1;
}

my (%answered, %unanswered);
my ($status, $longest) = (0, 0);
for my $round (1 .. 6) {
    my @pids = map {
        my $name = "sender-$round-$_";
        my $pid = fork // die "fork: $!";
        POSIX::_exit(send_until_gone($name)) if !$pid;
        $pid;
    } 1 .. 4;
    sleep 0.15 + rand 0.2;
    my $before = time;
    $status |= $server->stop;
    $longest = time - $before if time - $before > $longest;
    waitpid $_, 0 for @pids;
    for my $sender (1 .. 4) {
        for (split /\n/, Server::slurp("$server->{directory}/sender-$round-$sender")) {
            my ($subject, $code) = split;
            $code == 202 ? $answered{$subject} = 20 : $unanswered{$subject} = $code;
        }
    }
    $server->start;
}
is($status, 0, 'SIGTERM in the middle of requests: the server ends with status 0') or diag($server->log_tail);
cmp_ok($longest, '<', 10, sprintf 'within a moment: %.3f s', $longest);
cmp_ok(scalar keys %answered, '>', 24, keys(%answered) . ' batches were answered');
is(join(' ', grep { !/^(599|503)$/ } values %unanswered), '', 'the others were turned away, not refused');
my %got = map { $_->{subject} => 0 + $_->{value} }
    @{ $server->request(GET => '/api/v1/meters/work/query?groupBy=subject')->{json}{data} };
my @lost = grep { ($got{$_} // 0) != 20 } sort keys %answered;
is("@lost", '', 'every batch that was answered with a 2xx is counted');
my @half = grep { $got{$_} != 20 } sort keys %got;
is("@half", '', 'no batch is there by half');

# A request whose body is on its way when the signal comes may be cut off, and then is not counted;
# neither it nor a connection without a request keeps the server from its end.
my $body = $json->encode([ event('slow', 'slow') ]);
my $socket = IO::Socket::INET->new($server->{listen}) or die "connect: $!";
my $idle = IO::Socket::INET->new($server->{listen}) or die "connect: $!";
print $socket "POST /v3/openmeter/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/cloudevents-batch+json\r\n",
    'Content-Length: ', length $body, "\r\n\r\n", substr $body, 0, 10;
$socket->flush;
sleep 0.2;
kill 'TERM', $server->{pid};
sleep 0.2;
{
    local $SIG{PIPE} = 'IGNORE';
    print $socket substr $body, 10;
    $socket->flush;
}
my $line = <$socket> // '(nothing)';
my $before = time;
is($server->stop, 0, 'the server ends, whoever still holds a connection');
cmp_ok(time - $before, '<', 10, 'within a moment');
close $_ for $socket, $idle;
$server->start;
my $counted = $server->request(GET => '/api/v1/meters/work/query?subject=slow')->{json}{data}[0]{value} // 0;
is($counted, ($line =~ m{^HTTP/1\.1 202 } ? 1 : 0), 'a request that was cut off is not counted, one that was answered is');
is($server->stop, 0, 'the end');
done_testing();
