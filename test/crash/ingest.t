#!/usr/bin/perl
# ingest.t: the promise behind a 2xx, kept under kills. Four clients send batches of events with
# known ids, some of them again, and a fifth makes customers; the server is killed with SIGKILL at
# random moments, or in the very moment of an acknowledgement, and started again on the same data.
# Clients send what was not acknowledged until it is. At the end every acknowledged event is counted
# exactly once, and nothing else is.
#
#   CRASH_KILLS=200 SEED=7 prove test/crash/ingest.t
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

my $seed = $ENV{SEED} // int(rand(2**31));
my $kills = $ENV{CRASH_KILLS} // 20;
my $senders = 4;
my $subjects = 7;
print "# SEED=$seed CRASH_KILLS=$kills\n";
srand $seed;

my $json = JSON::PP->new->canonical;
my $server = Server->new;
# Segments of a few hundred events: sealing, merging and rollups are always under way when it dies.
my @small = ('--segment-events', 500);
$server->start(@small);
$server->keep_port;
for ([ count => 'count' ], [ ids => 'unique_count' ], [ units => 'sum' ]) {
    my ($key, $aggregation) = @$_;
    my $property = $key eq 'count' ? () : $key eq 'ids' ? '$.id' : '$.units';
    my $answer = $server->request(POST => '/v3/openmeter/meters', { key => $key, name => $key,
            aggregation => $aggregation, event_type => 'work', ($property ? (value_property => $property) : ()) });
    is($answer->{status}, 201, "a meter of $key") or diag($answer->{content});
}

# ---- clients ---------------------------------------------------------------------------------

sub is_over { return -e "$server->{directory}/over" }

# What an id says: sender.number; subject and units follow from the number.
sub event_of {
    my ($id) = @_;
    my ($number) = $id =~ /\.(\d+)$/;
    return { specversion => '1.0', id => $id, source => 'crash', type => 'work',
        subject => 'subject-' . $number % $subjects, data => { id => $id, units => $number % 10 + 1 } };
}

my $lost = 0;

# Posts until there is an answer with a status that is no trouble of the moment.
sub post_until_answered {
    my ($http, $path, $type, $body) = @_;
    while (1) {
        my $answer = $http->post("$server->{base}$path", { headers => { 'Content-Type' => $type }, content => $body });
        return $answer if $answer->{status} != 599 && $answer->{status} != 503 && $answer->{status} != 429;
        # Sent, but the answer never came: nobody knows whether it was taken.
        $lost++ if $answer->{status} == 599 && $answer->{content} !~ /connect to/;
        sleep 0.005;
    }
}

# Sends batches and notes each acknowledged id in a file.
sub send_events {
    my ($sender) = @_;
    my $http = HTTP::Tiny->new(timeout => 30);
    my ($number, @acknowledged) = (0);
    open my $notes, '>', "$server->{directory}/acknowledged.$sender" or return 1;
    while (!is_over()) {
        my @ids = map { "$sender." . $number++ } 1 .. 1 + int rand 40;
        my @again = map { $acknowledged[ rand @acknowledged ] } 1 .. (@acknowledged && rand() < 0.3 ? 5 : 0);
        my $body = $json->encode([ map { event_of($_) } @ids, @again ]);
        my $answer = post_until_answered($http, '/v3/openmeter/events', 'application/cloudevents-batch+json', $body);
        my $told = ($answer->{headers}{'x-tollgate-accepted'} // 0) + ($answer->{headers}{'x-tollgate-duplicates'} // 0);
        if ($answer->{status} != 202 || $told != @ids + @again) {
            print STDERR "# $answer->{status}, $told of ", @ids + @again, ": $answer->{content}\n";
            return 1;
        }
        push @acknowledged, @ids;
        print $notes map { "$_\n" } @ids;
    }
    print $notes "lost $lost\n";
    return close $notes ? 0 : 1;
}

# Makes customers one by one; a 409 says that an attempt whose answer was lost had made it.
sub make_customers {
    my $http = HTTP::Tiny->new(timeout => 30);
    my $number = 0;
    open my $notes, '>', "$server->{directory}/customers" or return 1;
    while (!is_over()) {
        my $body = $json->encode({ key => "customer-$number", name => "Customer $number" });
        my $answer = post_until_answered($http, '/v3/openmeter/customers', 'application/json', $body);
        if ($answer->{status} != 201 && $answer->{status} != 409) {
            print STDERR "# $answer->{status}: $answer->{content}\n";
            return 1;
        }
        print $notes "customer-$number\n";
        $number++;
        sleep 0.002;
    }
    return close $notes ? 0 : 1;
}

my @clients;
for my $sender (0 .. $senders) {
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        srand $seed + $sender + 1;
        POSIX::_exit($sender < $senders ? send_events($sender) : make_customers());
    }
    push @clients, $pid;
}

# ---- kills -----------------------------------------------------------------------------------

# Sends a large batch and kills the server as soon as the first byte of the answer is there: what it
# answers before it is safe would be lost. The ids that were acknowledged.
sub kill_at_answer {
    my ($kill) = @_;
    my @ids = map { "$senders." . ($kill * 1000 + $_) } 0 .. 799;
    my $body = $json->encode([ map { event_of($_) } @ids ]);
    my $socket = IO::Socket::INET->new(PeerAddr => $server->{listen}, Timeout => 30) or return ();
    $socket->autoflush(1);
    print $socket "POST /v3/openmeter/events HTTP/1.1\r\nHost: x\r\nContent-Length: ", length $body,
        "\r\nContent-Type: application/cloudevents-batch+json\r\n\r\n", $body;
    my $got = sysread $socket, my ($answer), 12;
    kill 'KILL', $server->{pid};
    return $got && $answer eq 'HTTP/1.1 202' ? @ids : ();
}

my ($started, $slowest, $failed) = (time, 0, 0);
open my $mine, '>', "$server->{directory}/acknowledged.$senders" or die "notes: $!";
for my $kill (1 .. $kills) {
    if ($kill % 2) {
        sleep rand 0.3;
        print $mine map { "$_\n" } kill_at_answer($kill);
    } else {
        # Now and then while it is still coming up: recovery itself is cut short.
        sleep(rand() < 0.3 ? rand 0.02 : 0.05 + rand 0.6);
    }
    $server->stop('KILL');
    my $before = time;
    if (!$server->try_start(@small)) {
        $failed++;
        diag("the server did not start: $server->{said}");
        last;
    }
    my $took = time - $before;
    $slowest = $took if $took > $slowest;
}
close $mine;
is($failed, 0, "the server came up after each of $kills kills");
printf "# %.1f s, the slowest start took %.3f s\n", time - $started, $slowest;
open my $over, '>', "$server->{directory}/over" or die "over: $!";
close $over;
my $unhappy = 0;
for (@clients) {
    waitpid $_, 0;
    $unhappy++ if $?;
}
is($unhappy, 0, 'all clients were answered in the end');

# ---- accounts --------------------------------------------------------------------------------

my (%want, %customers);
my $unanswered = 0;
for my $sender (0 .. $senders) {
    for my $id (split /\n/, Server::slurp("$server->{directory}/acknowledged.$sender")) {
        if ($id =~ /^lost (\d+)/) {
            $unanswered += $1;
            next;
        }
        my $event = event_of($id);
        $want{count}{ $event->{subject} }++;
        $want{ids}{ $event->{subject} }++;
        $want{units}{ $event->{subject} } += $event->{data}{units};
    }
}
$customers{$_} = 1 for split /\n/, Server::slurp("$server->{directory}/customers");
my $total = 0;
$total += $_ for values %{ $want{count} };
cmp_ok($total, '>', 10 * $kills, "$total events were acknowledged");

cmp_ok($unanswered, '>', 0, "$unanswered batches were cut off by a kill and sent again");

sub check {
    my ($when) = @_;
    for my $meter (qw(count ids units)) {
        my $answer = $server->request(GET => "/api/v1/meters/$meter/query?groupBy=subject");
        my %got = map { $_->{subject} => 0 + $_->{value} } @{ $answer->{json}{data} // [] };
        is_deeply(\%got, $want{$meter}, "$when: every event that was acknowledged is there, once ($meter)")
            or diag($answer->{content});
    }
    my %found;
    for (my $page = 1;; $page++) {
        my $answer = $server->request(GET => "/v3/openmeter/customers?page[size]=1000&page[number]=$page");
        my $data = $answer->{json}{data} // [];
        $found{ $_->{key} }++ for @$data;
        last if @$data < 1000;
    }
    is_deeply(\%found, \%customers, "$when: so is every customer");
}

check('after the kills');
is($server->stop, 0, 'the server stops when it is told to') or diag($server->log_tail);
$server->start(@small);
check('after a clean restart');
$server->stop('KILL');
$server->start;
check('after one more kill');
is($server->stop, 0, 'and stops');
my $sound = $server->run([ 'usage', 'check', '--data', $server->{data} ]);
is($sound->{code}, 0, 'every checksum, key and rollup is right') or diag("$sound->{out}$sound->{err}");
done_testing();
