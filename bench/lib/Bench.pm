# Bench.pm: what the scripts of bench/ share: the events, figures, waiting, processes.
#
# A script prints one line a figure: its name, at least two spaces, a whole number, and what else is
# to be said. Scripts of peers use the same names, so that bench/run can compare.
#
# From the environment: BENCH_EVENTS (10000000), BENCH_YEAR (the last whole year).
package Bench;
use strict;
use warnings;
use Exporter 'import';
use HTTP::Tiny;
use POSIX ();
use Time::HiRes qw(sleep time);

our @EXPORT = qw(events_wanted year tool tool_lines figure count_text bodies answers_differ
    start_process wait_process stop_process wait_idle cpu_us memory_kb disk_bytes free_port sleep time year_bounds
    day_epoch minute_day ask_queries RANK_MIDDLE);

use constant RANK_MIDDLE => 100;    # of the subject that stands for any

sub events_wanted { return $ENV{BENCH_EVENTS} // 10_000_000 }
sub year { return $ENV{BENCH_YEAR} // (gmtime)[5] + 1899 }

my $tools;
sub tool {
    my ($name, @words) = @_;
    $tools //= $ENV{BENCH_TOOLS} // 'build/release/bench';
    return ("$tools/$name", @words);
}

# Runs a program of bench/ and reads its "name value" lines into a hash; dies when it fails.
sub tool_lines {
    my ($input, @command) = @_;
    my $pid = open my $out, '-|';
    defined $pid or die "fork: $!\n";
    if (!$pid) {
        open STDIN, '<', $input // '/dev/null' or POSIX::_exit(127);
        exec @command or POSIX::_exit(127);
    }
    my %value = map { /^(\S+) (\d+)$/ ? ($1, $2) : () } <$out>;
    close $out or die "@command: status $?\n";
    return \%value;
}

sub figure {
    my ($name, $number, $rest) = @_;
    local $| = 1;
    printf "%-34s %9d %s\n", $name, $number, $rest // '';
}

sub count_text {
    my ($number) = @_;
    1 while $number =~ s/^(\d+)(\d{3})/$1,$2/;
    return $number;
}

# The events as bodies in a file of the directory, made when it is not there; the file's path.
sub bodies {
    my ($directory, $name, %option) = @_;
    my $path = "$directory/$name";
    my %all = ('year-events' => events_wanted(), year => year(), %option);
    return $path if -s "$path.index";
    system(tool('events', (map { "$_=$all{$_}" } sort keys %all), 'bodies', $path)) == 0
        or die "the events could not be made\n";
    return $path;
}

# How many lines differ between the answers given and those that must come out for a year of $count
# events. They are printed, the first few of them, to standard error.
sub answers_differ {
    my ($directory, $count, @given) = @_;
    my $known = "$directory/answers-$count";
    if (!-s $known) {
        my $words = join ' ', tool('events', "count=$count", "year-events=$count", "year=" . year());
        system("$words answers >$known") == 0 or die "the answers could not be made\n";
    }
    open my $in, '<', $known or die "$known: $!\n";
    my %differs = map { $_ => 1 } @given;
    while (<$in>) {
        chomp;
        next if /^count /;
        delete $differs{$_} or $differs{"missing: $_"} = 1;
    }
    my @differing = sort keys %differs;
    print STDERR map { "  differs: $_\n" } @differing[ 0 .. ($#differing > 4 ? 4 : $#differing) ];
    return scalar @differing;
}

# ---- time ------------------------------------------------------------------------------------

# Seconds since 1970 at the start of the n-th day of the year (0: the first of January).
sub day_epoch {
    my ($day) = @_;
    my $y = year() - 1;
    return ($y * 365 + int($y / 4) - int($y / 100) + int($y / 400) - 719162 + $day) * 86400;
}

sub minute_day { return 165 }    # the day of the minute series: ANSWER_DAY in events.c

sub year_bounds { return (sprintf('%04d-01-01T00:00:00Z', year()), sprintf('%04d-01-01T00:00:00Z', year() + 1)) }

# ---- processes -------------------------------------------------------------------------------

my @running;

# Starts a program with its output in a file; its process id.
sub start_process {
    my ($log, @command) = @_;
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        open STDIN, '<', '/dev/null' or POSIX::_exit(127);
        open STDOUT, '>', $log or POSIX::_exit(127);
        open STDERR, '>&', \*STDOUT or POSIX::_exit(127);
        exec @command or POSIX::_exit(127);
    }
    push @running, $pid;
    return $pid;
}

# Waits for its end; the status.
sub wait_process {
    my ($pid) = @_;
    @running = grep { $_ != $pid } @running;
    waitpid $pid, 0;
    return $?;
}

# Ends it and waits; the status.
sub stop_process {
    my ($pid, $signal) = @_;
    kill $signal // "TERM", $pid;
    return wait_process($pid);
}

my $owner = $$;
END {
    if ($$ == $owner) {
        local $?;
        stop_process($_) for @running;
    }
}
$SIG{$_} = sub { exit 130 } for qw(INT TERM);

# Processor time of a process up to now.
sub cpu_us {
    my ($pid) = @_;
    open my $in, '<', "/proc/$pid/stat" or die "process $pid: $!\n";
    my ($rest) = <$in> =~ /\) (.*)/;
    my @field = split ' ', $rest;
    return ($field[11] + $field[12]) * 1_000_000 / POSIX::sysconf(&POSIX::_SC_CLK_TCK);
}

# Waits until a process has done next to nothing for a while, at most so many seconds; how long it
# went on working.
sub wait_idle {
    my ($pid, $most) = @_;
    my $start = time;
    my ($busy_until, $before) = ($start, cpu_us($pid));
    while (time - $busy_until < 2.5 && time - $start < $most) {
        sleep 0.5;
        my $now = cpu_us($pid);
        $busy_until = time if $now - $before > 25_000;
        $before = $now;
    }
    return $busy_until - $start;
}

# VmRSS, VmHWM and the rest of /proc/PID/status in kB.
sub memory_kb {
    my ($pid) = @_;
    open my $in, '<', "/proc/$pid/status" or die "process $pid: $!\n";
    return { map { /^(\w+):\s+(\d+) kB/ ? ($1, $2) : () } <$in> };
}

# What a directory takes on the disk; 0 when it is not there.
sub disk_bytes {
    my ($directory) = @_;
    return 0 unless -d $directory;
    my ($bytes) = `du -s -B1 '$directory'` =~ /^(\d+)/ or die "du $directory failed\n";
    return $bytes;
}

sub free_port {
    require IO::Socket::INET;
    my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die "no port: $@\n";
    return $socket->sockport;
}

# ---- queries over HTTP -----------------------------------------------------------------------

# Asks each query: name => [ targets ]; prints its figure. The answers, target => text.
sub ask_queries {
    my ($directory, $port, $note, @queries) = @_;
    my %answers;
    while (my ($name, $targets) = splice @queries, 0, 2) {
        open my $out, '>', "$directory/targets" or die "$directory/targets: $!\n";
        print $out map { "$_\n" } @$targets;
        close $out;
        my $rounds = @$targets > 1 ? 5 : 50;
        my $first = tool_lines("$directory/targets", tool("query", "port=$port", "rounds=1"));
        my $most = int(10e6 / ($first->{median_us} * @$targets + 1)) || 1;    # ten seconds are enough
        $rounds = $most if $most < $rounds;
        my $got = tool_lines("$directory/targets",
            tool('query', "port=$port", "rounds=$rounds", "save=$directory/answers"));
        figure($name, $got->{median_us}, "us, p99 $got->{p99_us}, $got->{answer_bytes} bytes$note");
        open my $in, '<', "$directory/answers" or die "$directory/answers: $!\n";
        while (<$in>) {
            chomp;
            my ($target, $text) = split /\t/, $_, 2;
            $answers{$target} = $text =~ tr/\x0b/\n/r;
        }
    }
    return \%answers;
}

1;
