#!/usr/bin/perl
# ingest.t: `tollgate ingest` against the real server: every form of file, what is refused and by
# which line, sending again, and a server that is away or busy.
use strict;
use warnings;
use lib 'test/lib';
use IO::Compress::Gzip qw(gzip);
use IO::Socket::INET;
use JSON::PP ();
use Server;
use Test::More;

my $json = JSON::PP->new->canonical;
my $result;
my $server = Server->new;
$server->start('--dev', '--clock', 'manual=2026-03-01T00:00:00Z');
is($server->request(POST => '/v3/openmeter/meters',
        { key => 'runs', name => 'Runs', aggregation => 'count', event_type => 'run' })->{status}, 201, 'a meter');
is($server->request(POST => '/v3/openmeter/meters', { key => 'requests', name => 'Requests',
            aggregation => 'count', event_type => 'http_request', dimensions => { path => '$.path' } })->{status},
    201, 'another');

# How many events the meter has for a subject.
sub counted {
    my ($subject, $meter) = @_;
    my $answer = $server->request(GET => '/api/v1/meters/' . ($meter // 'runs') . "/query?subject=$subject");
    my $data = $answer->{json}{data} // return "status $answer->{status}";
    return @$data ? 0 + $data->[0]{value} : 0;
}

sub event {
    my ($id, $subject, %more) = @_;
    return $json->encode({ specversion => '1.0', id => $id eq "" ? "" : "$subject-$id", source => 'test', type => 'run',
            subject => $subject, time => '2026-02-01T00:00:00Z', data => { n => 1 }, %more });
}

sub totals {
    my ($sent, $accepted, $duplicates, $rejected) = @_;
    return "$sent sent, $accepted accepted, $duplicates duplicates, $rejected rejected\n";
}

# Runs ingest and compares its exit code, totals and messages.
sub ingest {
    my ($name, $words, $input, $code, $totals, @says) = @_;
    my $result = $server->run([ 'ingest', @$words ], $input);
    is($result->{code}, $code, "$name: exit code") or diag($result->{err});
    ref $totals ? like($result->{out}, $totals, "$name: totals") : is($result->{out}, $totals, "$name: totals");
    if (@says) { like($result->{err}, $_, "$name: says why") for @says }
    else { is($result->{err}, '', "$name: nothing to complain of") }
    return $result;
}

# ---- forms of file ---------------------------------------------------------------------------

my $lines = join '', map { event($_, 'lines') . "\n" } 1 .. 25;
my $path = $server->file('a.jsonl', $lines);
ingest('JSON lines', [ $path ], '', 0, totals(25, 25, 0, 0));
ingest('the same file again', [ $path, '--batch', 7 ], '', 0, totals(25, 0, 25, 0));
is(counted('lines'), 25, 'all are counted once');
ingest('standard input', ['-'], event(1, 'stdin') . "\r\n\r\n" . event(2, 'stdin'), 0, totals(2, 2, 0, 0));
gzip(\$lines => \my $packed);
ingest('gzip', [ $server->file('a.jsonl.gz', $packed) ], '', 0, totals(25, 0, 25, 0));
ingest('gzip on standard input', ['-'], $packed, 0, totals(25, 0, 25, 0));
ingest('one array', [ $server->file('a.json', "\n [\n" . join(",\n", map { event($_, 'array') } 1 .. 12) . "\n]\n") ],
    '', 0, totals(12, 12, 0, 0));
ingest('an empty array', ['-'], '[]', 0, totals(0, 0, 0, 0));
ingest('an empty file', [ $server->file('empty', '') ], '', 0, totals(0, 0, 0, 0));
is(counted('array'), 12, 'the events of an array are counted');

my $csv = "\xef\xbb\xbfaccount,n,note\r\n" . join('', map { "csv,$_,\"a \"\"note\"\",\r\nof two lines\"\r\n" } 1 .. 9) . 'csv,1,last';
ingest('CSV', [ $server->file('a.csv', $csv), '--set', 'type=run', '--column', 'subject=account' ], '', 0, totals(10, 10, 0, 0));
ingest('the same CSV again', [ "$server->{directory}/a.csv", '--set', 'type=run', '--column', 'subject=account', '--batch', 3 ],
    '', 0, totals(10, 0, 10, 0));
ingest('CSV on standard input', [ '-', '--format', 'csv' ], "subject,type\ntwin,run\ntwin,run\n", 0, totals(2, 2, 0, 0));
is(counted('csv'), 10, 'its rows are counted');
is(counted('twin'), 2, 'rows that are equal are two events');
my $data = $server->request(GET => '/v3/openmeter/events?filter[subject]=csv&page[size]=1')->{json}{data}[0]{event}{data};
like($data->{note}, qr/^(last|a "note",\r\nof two lines)$/, 'a quoted cell is unquoted, its line ends are kept');

my $log = join '', map { qq(2001:db8::$_ - @{[ $_ % 2 ? 'log' : '-' ]} [01/Feb/2026:00:00:0$_ +0000] "GET /p HTTP/1.1" 200 5 "-" "curl"\n) } 1 .. 6;
ingest('an access log', [ $server->file('access.log', $log) ], '', 0, totals(6, 6, 0, 0));
is(counted('log', 'requests'), 3, 'whose user is the subject');
is(counted('2001:db8::2', 'requests'), 1, 'or the address');
ingest('with a fixed subject', [ "$server->{directory}/access.log", '--set', 'subject=fixed', '--set', 'source=other' ],
    '', 0, totals(6, 6, 0, 0));
is(counted('fixed', 'requests'), 6, 'which all events have');
ingest('with a column as the subject', [ "$server->{directory}/access.log", '--column', 'subject=path', '--set', 'source=third' ],
    '', 0, totals(6, 6, 0, 0));
is(counted('/p', 'requests'), 6, 'which is taken');

# ---- what is refused -------------------------------------------------------------------------

my @bad = map { event($_, 'bad') } 1 .. 9;
$bad[3] = event('', 'bad');
my $refused = join "\n", @bad[ 0 .. 1 ], '', @bad[ 2 .. 8 ], '';
ingest('an event without an id', ['-'], $refused, 1, totals(0, 0, 0, 0), qr/^tollgate ingest: 400 /, qr/^  line 5 of the file$/m);
is(counted('bad'), 0, 'refuses its batch');
ingest('batches before it', [ '-', '--batch', 2, '--connections', 1 ], $refused, 1, totals(2, 2, 0, 0), qr/^  line 5 of the file$/m);
is(counted('bad'), 2, 'are sent');
ingest('with --keep-going', [ '-', '--keep-going' ], $refused, 1, totals(8, 6, 2, 1), qr/^  line 5 of the file$/m);
is(counted('bad'), 8, 'all others are');

my $broken = event(1, 'broken') . "\n" . event(2, 'broken') . "\n{\"specversion\": \n" . event(3, 'broken') . "\n";
ingest('a line that is no JSON', ['-'], $broken, 1, totals(0, 0, 0, 0), qr/^  line 3 of the file: ./m);
ingest('kept going after', [ '-', '--keep-going' ], $broken, 1, totals(3, 3, 0, 1), qr/^  line 3 of the file: ./m);
is(counted('broken'), 3, 'the others are counted');
ingest('an array with a bad event', ['-'], "[\n" . event(1, 'x') . ",\n\n" . event('', 'x') . "\n]", 1, totals(0, 0, 0, 0),
    qr/^  line 4 of the file$/m);
ingest('an array that is not whole', ['-'], "[\n" . event(1, 'x') . ",\n", 1, totals(0, 0, 0, 0), qr/^tollgate ingest: line \d+: /);

my $rows = "subject,type,time\nrows,run,2026-02-01T00:00:00Z\n\"rows\",\"run\n\",yesterday\nrows,run\nrows,run,2026-02-02T00:00:00Z\n";
ingest('a row with a bad time', [ '-', '--format', 'csv' ], $rows, 1, totals(0, 0, 0, 1),
    qr/^tollgate ingest: line 3: the time is neither RFC 3339 nor seconds since 1970\n$/);
ingest('rows kept going after', [ '-', '--format', 'csv', '--keep-going' ], $rows, 1, totals(2, 2, 0, 2),
    qr/^tollgate ingest: line 5: the row has another number of cells than the header$/m);
is(counted('rows'), 2, 'good rows are counted');
ingest('a column that is not there', [ '-', '--format', 'csv', '--column', 'id=nr' ], "subject,type\na,run\n", 1, totals(0, 0, 0, 0),
    qr/there is no such column as --column id names/);
ingest('two columns of one name', [ '-', '--format', 'csv', '--keep-going' ], "subject,type,type\na,run,run\n", 1, totals(0, 0, 0, 1),
    qr/line 1: two columns have the same name/);
ingest('a line that is no log line', [ '-', '--keep-going' ], "$log\nhello\n", 1, totals(6, 0, 6, 1),
    qr/^tollgate ingest: line 8: it is not in the combined log format$/m);
ingest('a compressed file that was cut', [ $server->file('cut.gz', substr $packed, 0, -20) ], '', 6, qr{^2\d sent, 0 accepted, 2\d duplicates, 0 rejected$},
    qr/cut.gz cannot be read, or is not whole/);

for (
    [ 'a file that is not there', [ "$server->{directory}/absent" ], 5, qr/absent: No such file/ ],
    [ 'a directory', [ $server->{directory} ], 6, qr/Is a directory/ ],
    [ 'an attribute that is none', [ '-', '--set', 'colour=red' ], 2, qr/--set colour=red: want id, source/ ],
    [ 'an attribute without a value', [ '-', '--column', 'id=' ], 2, qr/--column id=: want id, source/ ],
    [ 'a batch of none', [ '-', '--batch', 0 ], 2, qr/--batch must be a whole number from 1 to 10000/ ],
    [ 'a server that is not there', [ '-', '--retries', 1, '--server', 'http://127.0.0.1:1' ], 3, qr{http://127.0.0.1:1: } ],
) {
    my ($name, $words, $code, $says) = @$_;
    my $result = $server->run([ 'ingest', @$words ], event(1, 'none'));
    is($result->{code}, $code, "$name: exit code");
    like($result->{err}, $says, "$name: says why");
}

# ---- bodies that grow large ------------------------------------------------------------------

my $large = join '', map { event($_, 'large', data => { text => 'x' x 200_000 }) . "\n" } 1 .. 100;
ingest('twenty megabytes', [ $server->file('large.jsonl', $large) ], '', 0, totals(100, 100, 0, 0));
is(counted('large'), 100, 'are sent in bodies that the server takes');

# ---- several connections, the rejects file ---------------------------------------------------

my $many = join '', map { event($_, 'many') . "\n" } 1 .. 3000;
ingest('many batches at a time', [ '-', '--batch', 37, '--connections', 8 ], $many, 0, totals(3000, 3000, 0, 0));
is(counted('many'), 3000, 'are all counted');
ingest('and again', [ '-', '--batch', 41, '--connections', 3 ], $many, 0, totals(3000, 0, 3000, 0));

my $rejects = "$server->{directory}/rejects";

sub rejects { return [ map { $json->decode($_) } split /\n/, Server::slurp($rejects) ] }

my @flawed = map { event($_, 'flawed') } 1 .. 400;
$flawed[$_] = event('', 'flawed') for 9, 10, 399;
$flawed[200] = "{\"id\": \n";
$flawed[201] = '{}';
ingest('events at fault', [ '-', '--rejects', $rejects, '--batch', 100 ], join("\n", @flawed) . "\n", 1, totals(395, 395, 0, 5));
is(counted('flawed'), 395, 'hold up no others');
my $told = rejects();
is(join(' ', map { $_->{line} } @$told), '10 11 201 203 401', 'each is in the rejects file with its line, in order');
is_deeply($told->[0]{event}, $json->decode($flawed[9]), 'and as it was');
is($told->[2]{text}, '{"id": ', 'or as a text when it is none');
like($told->[0]{reason}, qr/^400 .*id/, 'with the reason');
is($told->[0]{status}, 400, 'and the status');
ingest('rows at fault', [ '-', '--rejects', $rejects, '--format', 'csv' ], "subject,type,time\nrejected,run,never\nrejected,run\nrejected,run,1\n", 1,
    totals(1, 1, 0, 2));
is_deeply([ map { [ @{$_}{qw(line text reason)} ] } @{ rejects() } ],
    [ [ 2, 'rejected,run,never', 'the time is neither RFC 3339 nor seconds since 1970' ],
        [ 3, 'rejected,run', 'the row has another number of cells than the header' ] ], 'are there, too');
is($server->run([ 'ingest', '-', '--rejects', "$server->{directory}/no/where" ], '')->{code}, 6, 'a rejects file that cannot be made');

# ---- resuming --------------------------------------------------------------------------------

my $position = "$server->{directory}/position";
my @long = map { event($_, 'resumed') } 1 .. 1000;
my $stopped = $server->file('long.jsonl', join '', map { "$_\n" } @long[ 0 .. 699 ], '{"broken": ', @long[ 700 .. 999 ]);
ingest('a run that is stopped', [ $stopped, '--resume', $position, '--batch', 50, '--connections', 3 ], '', 1, qr/^\d+ sent/, qr/400/, qr/line 701 of the file/);
my $reached = $json->decode(Server::slurp($position));
is("$reached->{records} $reached->{line}", '700 700', 'knows how far it came');
my $whole = $server->file('long.jsonl', join '', map { "$_\n" } @long);
$result = $server->run([ 'ingest', $whole, '--resume', $position, '--batch', 50 ]);
my ($sent) = $result->{out} =~ /^(\d+) sent, 1000 accepted/ or diag($result->{out}, $result->{err});
is($result->{code}, 0, 'goes on');
cmp_ok($sent, '<', 1200, 'from there');
is(counted('resumed'), 1000, 'and everything is counted once');
open my $grown, '>>', $whole or die "$whole: $!";
print $grown event($_, 'resumed'), "\n" for 1001 .. 1003;
close $grown;
my $out = $server->run([ 'ingest', $whole, '--resume', $position ])->{out};
is($out, $sent + 3 . " sent, 1003 accepted, @{[ $sent - 1000 ]} duplicates, 0 rejected\n", 'of a file that has grown the rest is sent');
is($server->run([ 'ingest', $whole, '--resume', $position ])->{out}, $out, 'and then nothing');
for (
    [ 'another file', [ $server->file('other.jsonl', $many), '--resume', $position ], qr/is of another file: the first 1003 rows differ/ ],
    [ 'a shorter file', [ $server->file('short.jsonl', "$long[0]\n"), '--resume', $position ], qr/is of another file/ ],
    [ 'another server', [ $whole, '--resume', $position, '--server', 'http://127.0.0.1:1' ], qr{is of sending to http://} ],
    [ 'a file that is no position', [ $whole, '--resume', $path ], qr/is no checkpoint/ ],
) {
    my ($name, $words, $says) = @$_;
    $result = $server->run([ 'ingest', @$words ]);
    is($result->{code}, 1, "$name: is refused");
    like($result->{err}, $says, "$name: says why");
}
my $rows_twice = join '', "subject,type\n", map { "rowtwin,run\n" } 1 .. 10;
ingest('rows that are equal', [ '-', '--format', 'csv', '--resume', "$position.csv", '--batch', 3 ], $rows_twice, 0, totals(10, 10, 0, 0));
ingest('with more of them', [ '-', '--format', 'csv', '--resume', "$position.csv" ], $rows_twice . "rowtwin,run\n" x 3, 0, totals(13, 13, 0, 0));
is(counted('rowtwin'), 13, 'are different events after resuming, too');

# ---- a server that is away or busy -----------------------------------------------------------

$server->keep_port;
is($server->stop, 0, 'the server stops');
my $pid = $server->begin([ 'ingest', '-', '--batch', 5 ], join '', map { event($_, 'away') . "\n" } 1 .. 20);
select undef, undef, undef, 0.4;
$server->start('--dev', '--clock', 'manual=2026-03-01T00:00:00Z');
$result = $server->finish($pid);
is($result->{code}, 0, 'a server that comes back is found again') or diag($result->{err});
is($result->{out}, totals(20, 20, 0, 0), 'and all is sent');
is(counted('away'), 20, 'and counted');

# A stand-in that is busy, hangs up after it has read, and then takes everything.
my $socket = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die "listen: $!";
my $address = 'http://127.0.0.1:' . $socket->sockport;
my $stand_in = fork // die "fork: $!";
if (!$stand_in) {
    my @answers = ('HTTP/1.1 503 Busy', 'HTTP/1.1 429 Busy', 'HTTP/1.1 502 Proxy', '', 'HTTP/1.1 202 Accepted');
    while (@answers) {
        my $client = $socket->accept or next;
        my ($size, $line) = (0);
        while (defined($line = <$client>) && $line ne "\r\n") { $size = $1 if $line =~ /^Content-Length: (\d+)/i }
        read $client, my ($body), $size;
        my $answer = shift @answers;
        my $more = $answer =~ /202/ ? "X-Tollgate-Accepted: 1\r\nX-Tollgate-Duplicates: 2\r\n" : '';
        print $client "$answer\r\n${more}Content-Length: 0\r\nConnection: close\r\n\r\n" if $answer ne '';
        close $client;
    }
    POSIX::_exit(0);
}
close $socket;
$result = $server->run([ 'ingest', '-', '--server', $address ], join '', map { event($_, 'busy') . "\n" } 1 .. 3);
is($result->{code}, 0, 'a server that is busy, or hangs up, is asked again') or diag($result->{err});
is($result->{out}, totals(3, 1, 2, 0), 'until it takes the batch');
kill 'KILL', $stand_in;
waitpid $stand_in, 0;

is($server->stop, 0, 'the server ends well') or diag($server->log_tail);
done_testing();
