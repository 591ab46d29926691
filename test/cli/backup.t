#!/usr/bin/perl
# backup.t: `tollgate backup` while events come in, and `tollgate restore`: what was acknowledged
# before the backup is in it, whole and once, with the state of the same moment; and once it has got
# the rest, the restored server gives the same answers as the other.
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
my $directory = $server->{directory};

my @meters = (
    { key => 'runs', aggregation => 'count' },
    { key => 'units', aggregation => 'sum', value_property => '$.units' },
    { key => 'top', aggregation => 'max', value_property => '$.units' },
    { key => 'ids', aggregation => 'unique_count', value_property => '$.id' },
);
is($server->request(POST => '/v3/openmeter/meters',
        { name => $_->{key}, event_type => 'run', dimensions => { zone => '$.zone' }, %$_ })->{status}, 201, "a meter $_->{key}")
    for @meters;
is($server->request(POST => '/v3/openmeter/customers',
        { key => "customer-$_", name => "Customer $_", usage_attribution => { subject_keys => ["subject-$_"] } })->{status}, 201,
    "customer $_")
    for 0 .. 4;

sub event {
    my ($n) = @_;
    return { specversion => '1.0', id => "event-$n", source => 'backup', type => 'run', subject => 'subject-' . $n % 5,
        time => sprintf('2026-01-%02dT%02d:00:00Z', 1 + $n % 28, $n % 24),
        data => { id => "event-$n", units => "" . $n % 97 / 10, zone => 'zone-' . $n % 3 } };
}

sub send_events {
    my ($to, $from, $until) = @_;
    my $lines = join '', map { $json->encode(event($_)) . "\n" } $from .. $until;
    return $to->run([ 'ingest', '-' ], $lines)->{out};
}

# Everything that a client can ask: what it says.
sub answers {
    my ($from) = @_;
    my %answers;
    my $ask = sub { $answers{ $_[0] } = $from->request(GET => $_[0])->{content} };
    for my $meter (map { $_->{key} } @meters) {
        $ask->("/api/v1/meters/$meter/query$_")
            for '', '?groupBy=subject', '?groupBy=zone&groupBy=subject', '?windowSize=DAY', '?windowSize=HOUR&groupBy=zone',
            '?from=2026-01-03T00:00:00Z&to=2026-01-20T05:00:00Z', '?filterCustomerId=none';
        $ask->("/api/v1/meters/$meter/subjects");
        $ask->("/api/v1/meters/$meter/group-by/zone/values");
    }
    $ask->("/v3/openmeter/customers?page[size]=100");
    $ask->('/v3/openmeter/meters');
    $ask->('/v3/openmeter/events?filter[subject]=subject-1&sort=time asc&page[size]=100');
    $ask->('/v3/usage/unattributed');
    $ask->('/v3/audit-log');
    # What tells of one request only.
    s/"instance":\s*"[^"]*"//g, s/"(?:ingested|stored)_at":"[^"]*"//g for values %answers;
    return \%answers;
}

# A server on what was restored.
sub serve_restored {
    my ($name) = @_;
    my $restored = Server->new(data => "$directory/$name");
    $restored->start;
    return $restored;
}

sub restore {
    my ($from, $name) = @_;
    return $server->run([ 'restore', '--from', $from, '--data', "$directory/$name" ]);
}

# ---- at rest -------------------------------------------------------------------------------------

like(send_events($server, 0, 4999), qr/^5000 sent, 5000 accepted/, 'events');
my $result = $server->run([ 'backup', '--to', "$directory/one" ]);
is($result->{code}, 0, 'a backup') or diag($result->{err});
like($result->{err}, qr/^5000 events, \d+ files, \d+ bytes fetched, 0 kept$/m, 'says what is in it');
my $manifest = $json->decode(Server::slurp("$directory/one/backup.json"));
is($manifest->{sequence}, 5000, 'its manifest, too');
is((grep { $_->{name} eq 'state.db' && $_->{digest} =~ /^[0-9a-f]{64}$/ } @{ $manifest->{files} }), 1, 'with the digest of each file');
$result = restore("$directory/one", 'restored-one');
is($result->{code}, 0, 'it can be restored') or diag($result->{err});
my $restored = serve_restored('restored-one');
is_deeply(answers($restored), answers($server), 'every answer is the same');
is($restored->stop, 0, 'the restored server stops');
is($server->run([ 'backup', '--to', "$directory/one" ])->{code}, 1, 'a second backup into the same directory is refused');
is(restore("$directory/one", 'restored-one')->{code}, 1, 'and so is restoring onto data');
is(restore("$directory/nowhere", 'x')->{code}, 5, 'a backup that is not there');

# ---- under load ----------------------------------------------------------------------------------

# Sends batches one after the other and notes how far it was acknowledged; customers, too.
sub load {
    my ($from) = @_;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    my $http = HTTP::Tiny->new(timeout => 60);
    for (my $n = $from; !-e "$directory/over"; $n += 50) {
        my $body = $json->encode([ map { event($_) } $n .. $n + 49 ]);
        my $answer = $http->post("$server->{base}/v3/openmeter/events",
            { headers => { 'Content-Type' => 'application/cloudevents-batch+json' }, content => $body });
        POSIX::_exit(1) if $answer->{status} != 202;
        note_number('acknowledged', $n + 50);
        $answer = $http->post("$server->{base}/v3/openmeter/customers",
            { headers => { 'Content-Type' => 'application/json' }, content => $json->encode({ key => "late-$n", name => 'Late' }) });
        POSIX::_exit(1) if $answer->{status} != 201;
    }
    POSIX::_exit(0);
}

sub note_number {
    my ($name, $n) = @_;
    open my $out, '>', "$directory/$name.new" or POSIX::_exit(1);
    print $out $n;
    close $out or POSIX::_exit(1);
    rename "$directory/$name.new", "$directory/$name" or POSIX::_exit(1);
}

sub acknowledged { return Server::slurp("$directory/acknowledged") || 0 }

my $loader = load(5000);
sleep 0.01 until acknowledged() > 6000;
my (@backups, @before, @after);
for my $i (0 .. 3) {
    my ($name, @words) = ("load-$i", '--to', "$directory/load-$i");
    push @before, acknowledged();
    if ($i == 3) { # an archive
        $result = $server->run([ 'backup', '--to', '-' ]);
        rename "$directory/run.$server->{runs}.out", "$directory/load-3" or die "rename: $!";
    } else {
        if ($i == 2) { # into the same directory as the one before
            ($name, @words) = ('load-1', '--to', "$directory/load-1", '--incremental');
        }
        $result = $server->run([ 'backup', @words ]);
    }
    is($result->{code}, 0, "backup $i while events come in") or diag($result->{err});
    push @after, acknowledged() + 50;
    push @backups, $name;
    is(restore("$directory/$name", "restored-load-$i")->{code}, 0, 'is restored');
    sleep 0.3;
}
open my $over, '>', "$directory/over" or die;
close $over;
waitpid $loader, 0;
is($?, 0, 'the load went on all the time');
my $end = acknowledged();

my $whole = answers($server);
for my $i (0 .. 3) {
    $restored = serve_restored("restored-load-$i");
    my $count = $restored->request(GET => '/api/v1/meters/runs/query')->{json}{data}[0]{value};
    cmp_ok($count, '>=', $before[$i], "backup $i has all that was acknowledged before");
    cmp_ok($count, '<=', $after[$i], 'and nothing that came after');
    is($count % 50, 0, 'batches are whole');
    is($restored->request(GET => '/api/v1/meters/ids/query')->{json}{data}[0]{value}, $count, 'each event is there once');
    my $customers = $restored->request(GET => '/api/v1/customers?pageSize=1')->{json}{totalCount};
    # One sender: a batch, then a customer.
    my $batches = ($count - 5000) / 50;
    ok($customers - 5 <= $batches && $customers - 5 >= $batches - 1, 'the state is of the same moment')
        or diag("$customers customers, $batches batches");
    my $missing = $end - $count;
    is(send_events($restored, 0, $end - 1), "$end sent, $missing accepted, $count duplicates, 0 rejected\n", 'it knows what it has');
    my $got = answers($restored);
    my @other = grep { !/customers|audit/ && $got->{$_} ne $whole->{$_} } sort keys %$whole;
    is("@other", '', 'with the rest every answer is the same') or diag("$got->{$other[0]}\n$whole->{$other[0]}");
    is($restored->stop, 0, 'and it stops');
}

# ---- incremental ---------------------------------------------------------------------------------

my $repeat = sub {
    my $said = $server->run([ 'backup', '--to', "$directory/load-1", '--incremental' ])->{err};
    return $said =~ /(\d+) bytes fetched, (\d+) kept/ ? ($1, $2) : diag($said);
};
$server->stop;
$server->start;
# Events are sealed, into files that stay as they are, when they are some seconds old.
my ($fetched, $kept) = (0, 0);
for (1 .. 120) {
    ($fetched, $kept) = $repeat->();
    last if $kept;
    sleep 0.5;
}
cmp_ok($kept, '>', 0, 'of what does not change nothing is fetched again');
my %named = map { $_->{stored} => 1 } @{ $json->decode(Server::slurp("$directory/load-1/backup.json"))->{files} };
my @stray = grep { !$named{$_} } map { s{^\Q$directory\E/load-1/}{}r } grep { -f } glob("$directory/load-1/* $directory/load-1/usage/*");
is("@stray", 'backup.json', 'old files are gone');
is(restore("$directory/load-1", 'restored-again')->{code}, 0, 'it is whole');
my $other = Server->new;
$other->start;
is($other->run([ 'backup', '--to', "$directory/load-1", '--incremental' ])->{code}, 1, 'another server\'s backup is not mixed in');
$other->stop;
is($server->run([ 'backup', '--to', '-', '--incremental' ])->{code}, 2, 'an archive is not incremental');
is($server->run(['backup'])->{code}, 2, 'a backup goes somewhere');

# ---- damage --------------------------------------------------------------------------------------

sub damage {
    my ($path, $how) = @_;
    my $bytes = Server::slurp($path);
    open my $out, '>', $path or die "$path: $!";
    binmode $out;
    print $out $how->($bytes);
    close $out;
    return $bytes;
}

my $flip = sub { my $b = shift; substr($b, length($b) / 2, 1) ^= "\x01"; return $b };
my $tar = Server::slurp("$directory/load-3");
for my $file (map { $_->{stored} } @{ $manifest->{files} }) {
    my $path = "$directory/one/$file";
    next if !-s $path;
    my $whole = damage($path, $flip);
    $result = restore("$directory/one", 'damaged');
    is($result->{code}, 1, "one bit of $file: is found");
    like($result->{err}, qr/\Q$file\E is damaged/, 'and named');
    ok(!-e "$directory/damaged", 'nothing is restored');
    damage($path, sub { substr $whole, 0, -1 });
    is(restore("$directory/one", 'damaged')->{code}, 1, 'one byte less: is found');
    damage($path, sub { $whole });
}
for ([ 'an archive cut short', sub { substr $_[0], 0, length($_[0]) * 2 / 3 } ], [ 'an archive with a bit that fell over', $flip ],
    [ 'an archive without an end', sub { substr $_[0], 0, -1500 } ], [ 'an empty file', sub { '' } ]) {
    my ($name, $how) = @$_;
    damage("$directory/load-3", $how);
    is(restore("$directory/load-3", 'damaged')->{code}, 1, "$name: is refused");
    ok(!-e "$directory/damaged", 'and nothing restored');
    damage("$directory/load-3", sub { $tar });
}
is(restore("$directory/one", 'mended')->{code}, 0, 'mended, all is well');
# What tar itself makes and reads.
is(system("mkdir $directory/untarred && tar -xf $directory/load-3 -C $directory/untarred && tar -C $directory/untarred -czf $directory/again.tgz ."),
    0, 'tar reads the archive');
is(restore("$directory/untarred", 'from-untarred')->{code}, 0, 'what it gives is a backup');
is(restore("$directory/again.tgz", 'from-tgz')->{code}, 0, 'and so is what it makes of it');

# ---- who may -------------------------------------------------------------------------------------

my %secret = map {
    my ($name) = $_;
    $name => ($server->run([ 'token', 'create', '--data', $server->{data}, '--name', $name, '--role', $name ])->{out} =~ /(\S+)/)[0]
} qw(admin viewer ingest);
$server->stop;
$server->start('--auth');
is($server->run([ 'backup', '--to', "$directory/denied" ])->{code}, 4, 'without a token there is no backup');
is($server->run([ 'backup', '--to', "$directory/denied-$_", '--token', $secret{$_} ])->{code}, 4, "nor for a token of role $_")
    for qw(viewer ingest);
is($server->run([ 'backup', '--to', "$directory/allowed", '--token', $secret{admin} ])->{code}, 0, 'an admin may');
ok(!glob("$server->{data}/backup/*"), 'the server keeps nothing of a backup that was fetched');
my %as = (Authorization => "Bearer $secret{admin}");
my $made = $server->request(POST => '/v3/backups', undef, \%as)->{json};
is($server->request(GET => "/v3/backups/$made->{id}/files/0?offset=$made->{files}[0]{size}", undef, \%as)->{content}, '', 'the end of a file');
is($server->request(GET => "/v3/backups/$made->{id}/files/$_", undef, \%as)->{status}, 404, "file $_ is not there") for -1, 9999, 'x';
is($server->request(GET => "/v3/backups/$made->{id}/files/0?offset=x", undef, \%as)->{status}, 400, 'a bad offset');
is($server->request(GET => "/v3/backups/$made->{id}/files/0", undef, { Authorization => "Bearer $secret{viewer}" })->{status}, 403,
    'a viewer does not get the files');
is($server->request(DELETE => "/v3/backups/$made->{id}", undef, \%as)->{status}, 204, 'letting go');
is($server->request(DELETE => "/v3/backups/$made->{id}", undef, \%as)->{status}, 404, 'once');
is($server->request(POST => '/v3/backups', undef, \%as)->{status}, 201, "backup $_ that nobody fetches") for 1 .. 4;
is($server->request(POST => '/v3/backups', undef, \%as)->{status}, 429, 'there is an end to them');
$server->stop('KILL');
$server->start;
ok(!glob("$server->{data}/backup/*"), 'what a killed server left behind is removed');
is($server->stop, 0, 'the server ends well') or diag($server->log_tail);
done_testing();
