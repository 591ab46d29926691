#!/usr/bin/perl
# load.t: `tollgate load` into a data directory, which a server then serves; and `tollgate usage
# check` of it, whole and with every file damaged in turn.
use strict;
use warnings;
use lib 'test/lib';
use IO::Compress::Gzip qw(gzip);
use JSON::PP ();
use Server;
use Test::More;

my $json = JSON::PP->new->canonical;
my $server = Server->new;
my $directory = $server->{directory};
my $data = $server->{data};

sub event {
    my ($id, %more) = @_;
    my $n = $id =~ s/\D//gr || 0;
    return $json->encode({ specversion => '1.0', id => "event-$id", source => 'load', type => 'run', subject => 'subject-' . $n % 7,
            time => sprintf('2026-01-%02dT%02d:00:00Z', 1 + $n % 28, $n % 24), data => { units => $n % 10, zone => 'z' . $n % 3 }, %more }) . "\n";
}

sub totals {
    my ($sent, $accepted, $duplicates, $rejected) = @_;
    return "$sent sent, $accepted accepted, $duplicates duplicates, $rejected rejected\n";
}

sub load {
    my ($name, $words, $input, $code, $totals, $says) = @_;
    my $result = $server->run([ 'load', '--data', $data, @$words ], $input);
    is($result->{code}, $code, "$name: exit code") or diag($result->{err});
    is($result->{out}, $totals, "$name: totals");
    $says ? like($result->{err}, $says, "$name: says why") : is($result->{err}, '', "$name: nothing to complain of");
}

sub check {
    my ($into) = @_;
    return $server->run([ 'usage', 'check', '--data', $into // $data ]);
}

# ---- loading -------------------------------------------------------------------------------------

my $lines = join '', map { event($_) } 0 .. 19_999;
load('JSON lines', [ $server->file('a.jsonl', $lines) ], '', 0, totals(20000, 20000, 0, 0));
gzip(\$lines => \my $packed);
load('the same, compressed, in one thread', [ $server->file('a.jsonl.gz', $packed), '--threads', 1 ], '', 0, totals(20000, 0, 20000, 0));
load('an array', ['-'], '[' . join(',', map { event("array-$_", subject => 'array') } 1 .. 100) . ']', 0, totals(100, 100, 0, 0));
load('CSV', [ '-', '--format', 'csv', '--set', 'type=run' ], "subject,units\n" . "csv,2\n" x 50, 0, totals(50, 50, 0, 0));
load('an event at fault', ['-'], event('x') . event('', id => ''), 1, totals(0, 0, 0, 0), qr/^tollgate load: .*\n  \[1\]\.id: .*\n  line 2 of the file$/m);
load('and going on', [ '-', '--rejects', "$directory/rejects" ], event('x', subject => 'rejects') . event('', id => '') . event('y', subject => 'rejects'),
    1, totals(2, 2, 0, 1));
is($json->decode(Server::slurp("$directory/rejects"))->{line}, 2, 'which is kept');
load('a position', [ '-', '--resume', "$directory/position", '--batch', 10 ], join('', map { event("r$_", subject => 'resumed') } 1 .. 30), 0, totals(30, 30, 0, 0));
load('from there', [ '-', '--resume', "$directory/position" ], join('', map { event("r$_", subject => 'resumed') } 1 .. 40), 0, totals(40, 40, 0, 0));

my $result = check();
is($result->{code}, 0, 'a check finds nothing') or diag($result->{out}, $result->{err});
like($result->{out}, qr/^20192 events, \d+ bytes, 0 flaws$/m, 'and says what it has read');

$server->start;
is($server->request(POST => '/v3/openmeter/meters', { key => 'runs', name => 'Runs', aggregation => 'count', event_type => 'run' })->{status},
    201, 'a server on it');
is($server->request(POST => '/v3/openmeter/meters', { key => 'units', name => 'Units', aggregation => 'sum', event_type => 'run',
            value_property => '$.units', dimensions => { zone => '$.zone' } })->{status}, 201, 'with meters');

sub answer { return $server->request(GET => "/api/v1/meters/$_[0]/query")->{json}{data}[0]{value} }
is(answer('runs'), 20192, 'counts all events');
for ([ 'subject-3', 2857 ], [ 'array', 100 ], [ 'csv', 50 ], [ 'rejects', 2 ], [ 'resumed', 40 ]) {
    my ($subject, $count) = @$_;
    is($server->request(GET => "/api/v1/meters/runs/query?subject=$subject")->{json}{data}[0]{value}, $count, "those of $subject");
}
my $sum = answer('units');
load('while a server has it', ['-'], event(1), 6, '', qr/in use by another process: stop the server/);
is(check()->{code}, 6, 'nor is it checked');
is($server->request(POST => '/v3/openmeter/events', { specversion => '1.0', id => 'late', source => 'load', type => 'run', subject => 'late' })->{status},
    202, 'the server takes more');
is($server->stop, 0, 'and stops');
load('more', ['-'], event('late', id => 'late') . event('later', subject => 'late'), 0, totals(2, 1, 1, 0));
$server->start;
is(answer('runs'), 20194, 'all of which counts once');
my @runs;
for (1 .. 600) {
    last if @runs = grep { -s } glob("$data/rollup/*");
    select undef, undef, undef, 0.05;
}
is($server->stop, 0, 'the server stops');

# ---- checking ------------------------------------------------------------------------------------

is(check("$directory/nowhere")->{code}, 5, 'a directory that is not there');
ok(!-e "$directory/nowhere", 'is not made');
is($server->run([ 'usage', 'mend' ])->{code}, 2, 'check is all there is');
$result = check();
is($result->{code}, 0, 'all is well so far') or diag($result->{out}, $result->{err});

sub flip {
    my ($path, $at) = @_;
    open my $file, '+<:raw', $path or die "$path: $!";
    seek $file, $at, 0;
    read $file, my ($byte), 1;
    seek $file, $at, 0;
    print $file $byte ^ "\x10";
    close $file;
}

my %kinds;
for my $path (sort glob("$data/usage/*")) {
    my ($name) = $path =~ m{([^/]+)$};
    next if $name eq 'lock' || -s $path < 64;
    my ($kind) = $name =~ /^([a-z]+)/;
    $kinds{$kind}++;
    for my $at ($kind eq 'usage' ? (20) : (3, int((-s $path) / 2), (-s $path) - 3)) {
        flip($path, $at);
        $result = check();
        is($result->{code}, 1, "$name: a bit at byte $at: is found") or diag($result->{out}, $result->{err});
        like($result->{out} . $result->{err}, qr{usage/\Q$name\E: at byte \d+: \w}, 'and its file named');
        flip($path, $at);
    }
}
is(join(' ', sort keys %kinds), 'conflicts keys manifest sealed usage', 'every kind of file') or diag(join ' ', glob("$data/usage/*"));
is(check()->{code}, 0, 'as it was, all is well');
@runs = grep { -s } glob("$data/rollup/*");
cmp_ok(scalar @runs, '>', 0, 'there are rollups');
my ($run) = $runs[0] =~ m{([^/]+)$};
flip($runs[0], int((-s $runs[0]) / 2));
$result = check();
is($result->{code}, 1, 'a bit of a rollup is found') or diag($result->{out}, $result->{err});
like($result->{out}, qr{^rollup/\Q$run\E: at byte \d+: \w}m, 'and its file named');
$result = check();
is($result->{code}, 0, 'the check has mended it') or diag($result->{out}, $result->{err});
for my $path (grep { m{/(?:sealed|keys)-} } glob("$data/usage/*")) {
    my ($name) = $path =~ m{([^/]+)$};
    rename $path, "$path.away" or die;
    $result = check();
    is($result->{code}, 1, "$name: missing: is found");
    like($result->{err}, qr/\Q$name\E/, 'and named');
    rename "$path.away", $path or die;
}
is(check()->{code}, 0, 'as it was, all is well');
done_testing();
