#!/usr/bin/perl
# relay.t: `tollgate relay` between senders and the real server: its answers are the server's, what
# it took is delivered once, whatever dies when, and what the server refuses is kept with the reason.
#
#   RELAY_KILLS=100 SEED=7 prove test/cli/relay.t
use strict;
use warnings;
use lib 'test/lib';
use HTTP::Tiny;
use JSON::PP ();
use POSIX ();
use Server;
use Test::More;
use Time::HiRes qw(sleep time);

my $json = JSON::PP->new->canonical;
my $server = Server->new;
$server->start;
$server->keep_port;
is($server->request(POST => '/v3/openmeter/meters',
        { key => 'runs', name => 'Runs', aggregation => 'count', event_type => 'run' })->{status}, 201, 'a meter');
is($server->request(POST => '/v3/openmeter/meters',
        { key => 'ids', name => 'Ids', aggregation => 'unique_count', event_type => 'run', value_property => '$.id' })->{status},
    201, 'another');

# ---- a relay ---------------------------------------------------------------------------------

my ($relay, $relay_base, $relay_listen, $relay_http) = (undef, undef, '127.0.0.1:0');
my $spool = "$server->{directory}/spool";
my ($relay_out, $relay_log) = map { "$server->{directory}/relay.$_" } qw(out log);

# Starts the relay and waits until it listens; false when it ends instead.
sub relay_start {
    my (@options) = @_;
    unlink $relay_out;
    $relay = $server->spawn([ 'relay', '--server', $server->{base}, '--spool', $spool, '--listen', $relay_listen,
            '--linger', 50, @options ], $relay_out, $relay_log);
    for (1 .. 6000) {
        if ((-s $relay_out ? Server::slurp($relay_out) : '') =~ m{((?:http|unix):\S+)\n}) {
            $relay_base = $1;
            ($relay_listen) = $relay_base =~ m{http://(.*)} if $relay_base =~ /^http/;
            $relay_http = HTTP::Tiny->new(timeout => 60);
            return 1;
        }
        return 0 if waitpid($relay, POSIX::WNOHANG()) == $relay && !($relay = undef);
        sleep 0.005;
    }
    die "the relay neither listens nor ends\n";
}

sub relay_stop {
    my ($signal) = @_;
    return 0 unless $relay;
    kill $signal // 'TERM', $relay;
    waitpid $relay, 0;
    $relay = undef;
    return $?;
}

END { local $?; relay_stop('KILL') if $relay && $server->{owner} == $$ }

sub ask {
    my ($base, $method, $path, $type, $body, %headers) = @_;
    my $answer = HTTP::Tiny->new(timeout => 60)->request($method, "$base$path",
        { headers => { ($type ? ('Content-Type' => $type) : ()), %headers }, defined $body ? (content => $body) : () });
    $answer->{json} = eval { $json->decode($answer->{content}) };
    return $answer;
}

sub event {
    my ($id, $subject, %more) = @_;
    return { specversion => '1.0', id => "$subject-$id", source => 'relay', type => 'run', subject => $subject,
        data => { id => "$subject-$id" }, %more };
}

sub counted {
    my ($subject, $meter) = @_;
    my $data = $server->request(GET => '/api/v1/meters/' . ($meter // 'runs') . "/query?subject=$subject")->{json}{data} // [];
    return @$data ? 0 + $data->[0]{value} : 0;
}

# Waits, for a while, until the value is there.
sub becomes {
    my ($want, $name, $get) = @_;
    my $got;
    for (1 .. 1200) {
        $got = $get->();
        last if $got eq $want;
        sleep 0.05;
    }
    return is($got, $want, $name) || diag(Server::slurp($relay_log));
}

sub metric {
    my ($name) = @_;
    return ask($relay_base, 'GET', '/metrics')->{content} =~ /^tollgate_relay_$name (\d+)$/m ? $1 : 'none';
}

my $one = 'application/cloudevents+json';
my $batch = 'application/cloudevents-batch+json';

# ---- answers ---------------------------------------------------------------------------------

ok(relay_start(), 'a relay starts');
my $good = $json->encode(event(1, 'answers'));
for (
    [ POST => '/api/v1/events', $one, $good ],
    [ POST => '/v3/openmeter/events', $one, $good ],
    [ POST => '/api/v3/openmeter/events', "$batch; charset=utf-8", "[$good]" ],
    [ POST => '/api/v1/events', 'application/json', "[$good]" ],
    [ POST => '/api/v1/events', "$batch; charset=utf-8", "[$good]" ],
    [ POST => '/v3/openmeter/events', 'text/plain', $good ],
    [ POST => '/v3/openmeter/events', undef, $good ],
    [ POST => '/v3/openmeter/events', $batch, '[]' ],
    [ POST => '/v3/openmeter/events', $batch, '' ],
    [ POST => '/v3/openmeter/events', $batch, '[{"id": ' ],
    [ POST => '/v3/openmeter/events', $one, "[$good]" ],
    [ POST => '/v3/openmeter/events', $batch, $json->encode([ event(1, 'x'), event(2, 'x', time => 'never', id => '') ]) ],
    [ POST => '/api/v1/events', $batch, $json->encode([ event(1, 'x', time => 'never', data => []) ]) ],
    [ POST => '/v3/openmeter/events', $batch, ' ' x (17 * 1024 * 1024) ],
    [ PUT => '/v3/openmeter/events', $batch, "[$good]" ],
    [ DELETE => '/api/v1/events' ],
    [ POST => '/api/v2/nothing', $one, $good ],
    [ GET => '/nothing' ],
) {
    my @request = @$_;
    my ($theirs, $ours) = map { ask($_, @request) } $server->{base}, $relay_base;
    my $name = "$request[0] $request[1] " . ($request[2] // '') . ': ' . substr($request[3] // '', 0, 20);
    is($ours->{status}, $theirs->{status}, "$name: the server's status");
    delete $_->{json}{instance} for grep { ref $_->{json} eq 'HASH' } $ours, $theirs;
    is_deeply($ours->{json}, $theirs->{json}, "$name: and body");
}
becomes(1, 'what was taken is delivered, once', sub { counted('answers') });
is(ask($relay_base, 'GET', '/health')->{json}{upstream}, 'up', 'health says that the server is there');
is(ask($relay_base, 'POST', '/v3/openmeter/events', $batch, "[$good]")->{headers}{'x-tollgate-accepted'}, 1,
    'the answer says how many events were taken');
like(ask($relay_base, 'GET', '/metrics')->{content}, qr/^tollgate_relay_events_received_total \d/m, 'there are metrics');
my $result = $server->run([ 'ingest', '-', '--server', $relay_base ], join '', map { $json->encode(event($_, 'ingest')) . "\n" } 1 .. 2500);
is($result->{out}, "2500 sent, 2500 accepted, 0 duplicates, 0 rejected\n", 'ingest can send to a relay');
becomes(2500, 'which delivers it all', sub { counted('ingest') });

# ---- a server that is away -------------------------------------------------------------------

$server->stop;
my $before = time;
is(ask($relay_base, 'POST', '/v3/openmeter/events', $batch, $json->encode([ map { event($_, 'away') } 1 .. 250 ]))->{status},
    202, 'a relay takes events while the server is away');
becomes('away', 'health says so', sub { ask($relay_base, 'GET', '/health')->{json}{upstream} });
my $after = time;
is(metric('events_pending'), 250, 'they wait');
is(relay_stop(), 0, 'the relay stops when told to');
ok(relay_start(), 'and starts again');
is(metric('events_pending'), 250, 'they still wait');
sleep 1.5;
$server->start;
becomes(250, 'and are delivered when the server is back', sub { counted('away') });
becomes(0, 'then nothing waits', sub { metric('events_pending') });
my $listed = $server->request(GET => '/v3/openmeter/events?filter[subject]=away&page[size]=1')->{json}{data}[0];
my ($seconds) = $listed->{event}{time} =~ /T\d\d:(\d\d:\d\d)/;
my $ingested = $listed->{ingested_at};
isnt($listed->{event}{time}, $ingested, 'their time is that of the relay');
cmp_ok(abs(parse_time($listed->{event}{time}) - $before), '<', 1 + $after - $before, 'when it took them');

sub parse_time {
    my ($y, $m, $d, $H, $M, $S) = $_[0] =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):([\d.]+)Z$/ or return 0;
    local $ENV{TZ} = 'UTC';
    POSIX::tzset();
    return POSIX::mktime(int $S, $M, $H, $d, $m - 1, $y - 1900) + $S - int $S;
}

# ---- events that the server refuses, tokens, a socket, a full spool --------------------------

is(relay_stop(), 0, 'it stops');
my $secret = ($server->run([ 'token', 'create', '--data', $server->{data}, '--name', 'relay', '--role', 'ingest' ])->{out} =~ /(\S+)/)[0];
$server->stop;
$server->start('--auth');
$relay_listen = "$server->{directory}/relay.sock";
ok(relay_start(), 'a relay on a socket, without the token that the server wants');
$result = $server->run([ 'ingest', '-', '--server', $relay_base ], $json->encode(event(1, 'socket')));
is($result->{code}, 0, 'events can be sent to a socket') or diag($result->{err});
becomes('away', 'they are not delivered', sub { Server::slurp($relay_log) =~ /upstream_away.*401/ ? 'away' : 'no' });
is(relay_stop(), 0, 'it stops');
ok(!-e "$server->{directory}/relay.sock", 'and takes its socket away');
$relay_listen = '127.0.0.1:0';
ok(relay_start('--token', $secret, '--local-token', 'sesame'), 'with the token');
is(ask($relay_base, 'POST', '/v3/openmeter/events', $one, $good)->{status}, 401, 'senders need the local token');
is(ask($relay_base, 'POST', '/v3/openmeter/events', $one, $good, Authorization => 'Bearer open')->{status}, 401, 'another will not do');
is(ask($relay_base, 'POST', '/v3/openmeter/events', $one, $json->encode(event(2, 'socket')), Authorization => 'Bearer sesame')->{status},
    202, 'with it they are heard');
$server->stop;
$server->start;
becomes(2, 'and the events of both are there', sub { counted('socket') });
relay_stop();
is($server->run([ 'relay', '--listen', '0.0.0.0:0', '--spool', $spool ])->{code}, 2, 'an address that others reach needs a local token');

# A stand-in that refuses some events and wants the rest.
use IO::Socket::INET;
my $socket = IO::Socket::INET->new(Listen => 50, LocalAddr => '127.0.0.1') or die "listen: $!";
my $stand_in = fork // die "fork: $!";
if (!$stand_in) {
    open my $taken, '>', "$server->{directory}/taken" or die;
    $taken->autoflush(1);
    my $calls = 0;
    while (my $client = $socket->accept) {
        my ($size, $line) = (0);
        while (defined($line = <$client>) && $line ne "\r\n") { $size = $1 if $line =~ /^Content-Length: (\d+)/i }
        read $client, my ($body), $size;
        my @ids = map { $_->{id} } @{ $json->decode($body) };
        my $status = $calls++ % 5 == 4 ? '503 Busy' : (grep { /-(7|13)$/ } @ids) ? '400 Bad' : '204 Fine';
        print $taken "$_\n" for $status eq '204 Fine' ? @ids : ();
        my $says = $status eq '400 Bad' ? '{"detail": "an unlucky number"}' : '';
        print $client "HTTP/1.1 $status\r\nContent-Length: ", length $says, "\r\nConnection: close\r\n\r\n$says";
        close $client;
    }
    POSIX::_exit(0);
}
my $letters = "$server->{directory}/letters";
{
    local $server->{base} = 'http://127.0.0.1:' . $socket->sockport;
    close $socket;
    ok(relay_start('--dead-letters', $letters, '--upstream-path', '/api/v1/events'), 'a relay to a server that refuses some events');
}
is(ask($relay_base, 'POST', '/api/v1/events', $batch, $json->encode([ map { event($_, 'dead') } 1 .. 20 ]))->{status}, 204,
    'the relay does not know');
becomes(0, 'it gets rid of all', sub { metric('events_pending') });
is(join(' ', sort { $a <=> $b } map { /dead-(\d+)/ } split /\n/, Server::slurp("$server->{directory}/taken")),
    join(' ', grep { $_ != 7 && $_ != 13 } 1 .. 20), 'the others are delivered, each once');
my @letters = map { $json->decode($_) } split /\n/, Server::slurp($letters);
is(join(' ', sort map { $_->{event}{id} } @letters), 'dead-13 dead-7', 'those refused are kept');
is($letters[0]{reason}, '400 an unlucky number', 'with the reason');
is(metric('events_dead_total'), 2, 'and counted');
is(relay_stop(), 0, 'it stops');
kill 'KILL', $stand_in;
waitpid $stand_in, 0;

$server->stop;
$spool = "$server->{directory}/full";
ok(relay_start('--spool-bytes', 64 * 1024 * 1024), 'a small spool');
my $full = 0;
for my $i (1 .. 40) {
    my $body = $json->encode([ map { event("$i-$_", 'full', data => { text => 'x' x 200_000 }) } 1 .. 20 ]);
    my $answer = ask($relay_base, 'POST', '/v3/openmeter/events', $batch, $body);
    $answer->{status} == 202 && !$full ? next : ($full = $i);
    is($answer->{status}, 429, 'is full in the end');
    ok($answer->{headers}{'retry-after'}, 'and says when to come again');
    last;
}
cmp_ok($full, '>', 10, 'not before');
$server->start;
becomes(20 * ($full - 1), 'when the server is back all that was taken is delivered', sub { counted('full') });
becomes(202, 'and there is room', sub { ask($relay_base, 'POST', '/v3/openmeter/events', $one, $json->encode(event(0, 'full')))->{status} });
my $second = $server->run([ 'relay', '--spool', $spool, '--listen', '127.0.0.1:0' ]);
is($second->{code}, 6, 'a second relay on the same spool is refused');
like($second->{err}, qr/in use by another process/, 'and says why');
is(relay_stop(), 0, 'it stops');

# ---- E18: no loss, no double count -----------------------------------------------------------

my $seed = $ENV{SEED} // int(rand(2**31));
my $kills = $ENV{RELAY_KILLS} // 12;
my $events = 10_000;
print "# SEED=$seed RELAY_KILLS=$kills\n";
srand $seed;
$spool = "$server->{directory}/storm";
$relay_listen = '127.0.0.1:0';
ok(relay_start('--spool-bytes', 64 * 1024 * 1024), 'a relay in a storm');

my @clients;
for my $client (0 .. 3) {
    my $pid = fork // die "fork: $!";
    if ($pid) { push @clients, $pid; next }
    srand $seed + $client + 1;
    my $http = HTTP::Tiny->new(timeout => 30);
    my @todo = map { $events / 4 * $client + $_ } 0 .. $events / 4 - 1;
    while (my @some = splice @todo, 0, 1 + int rand 30) {
        my $body = $json->encode([ map { event($_, 'storm') } @some ]);
        while (1) {
            my $answer = $http->post("$relay_base/v3/openmeter/events", { headers => { 'Content-Type' => $batch }, content => $body });
            last if $answer->{status} == 202;
            if ($answer->{status} !~ /^(599|503|429)$/) {
                print STDERR "# $answer->{status} $answer->{content}\n";
                POSIX::_exit(1);
            }
            sleep 0.01;
        }
        sleep rand 0.02;
    }
    POSIX::_exit(0);
}
my $failed = 0;
for (1 .. $kills) {
    sleep rand 0.4;
    if (rand() < 0.6) {
        relay_stop('KILL');
        sleep rand 0.2;
        $failed++ unless relay_start('--spool-bytes', 64 * 1024 * 1024);
    }
    if (rand() < 0.6) {
        $server->stop('KILL');
        sleep rand 0.5;
        $failed++ unless $server->try_start;
    }
}
is($failed, 0, "both came up after each of $kills rounds of kills");
my $unhappy = 0;
for (@clients) {
    waitpid $_, 0;
    $unhappy++ if $?;
}
is($unhappy, 0, 'all senders were answered in the end');
becomes(0, 'the spool empties', sub { metric('events_pending') });
is(counted('storm'), $events, "E18: $events events, none lost, none counted twice");
is(counted('storm', 'ids'), $events, 'and they are the right ones');
is(relay_stop(), 0, 'the relay stops');
is($server->stop, 0, 'the server stops') or diag($server->log_tail);
done_testing();
