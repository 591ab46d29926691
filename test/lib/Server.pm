# Server.pm: the program under test ($TOLLGATE, build/debug/tollgate by default) as a server on a
# directory of its own, and as a command against it.
#
#   use lib 'test/lib';
#   use Server;
#   my $server = Server->new;
#   $server->start('--dev');                       # on a free port; dies when it does not come up
#   my $answer = $server->request(GET => '/v3/openmeter/meters');
#   my $result = $server->run([ 'ingest', '-' ], $lines);   # {code}, {out}, {err}
#   $server->stop;                                 # SIGTERM; the exit status
package Server;
use strict;
use warnings;
use File::Temp qw(tempdir);
use HTTP::Tiny;
use JSON::PP ();
use POSIX ();

my $json = JSON::PP->new->allow_nonref->allow_bignum->canonical;

sub new {
    my ($class, %member) = @_;
    my $directory = tempdir(CLEANUP => 1);
    return bless {
        directory => $directory,
        data => "$directory/data",
        program => $ENV{TOLLGATE} // 'build/debug/tollgate',
        listen => '127.0.0.1:0',
        owner => $$,
        %member,
    }, $class;
}

# Starts the program with output into files; its process id.
sub spawn {
    my ($self, $words, $out, $err, $in) = @_;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    open STDIN, '<', $in // '/dev/null' or POSIX::_exit(127);
    open STDOUT, '>', $out or POSIX::_exit(127);
    open STDERR, '>>', $err or POSIX::_exit(127);
    exec $self->{program}, @$words or POSIX::_exit(127);
}

# Starts the server and waits until it listens. The address; undef when it ended instead, with the
# status in {status} and what it said in {said}.
sub try_start {
    my ($self, @options) = @_;
    my ($out, $err) = map { "$self->{directory}/$_" } qw(out log);
    unlink $out;
    my $said = -s $err // 0;
    $self->{pid} = $self->spawn(
        [ 'serve', '--data', $self->{data}, '--listen', $self->{listen}, @options ], $out, $err);
    for (1 .. 6000) {
        my $line = -s $out ? slurp($out) : '';
        if ($line =~ m{(http://\S+)\n}) {
            $self->{base} = $1;
            $self->{http} = HTTP::Tiny->new(timeout => 60, max_redirect => 0);
            return $1;
        }
        if (waitpid($self->{pid}, POSIX::WNOHANG()) == $self->{pid}) {
            $self->{status} = $?;
            $self->{pid} = undef;
            $self->{said} = substr slurp($err), $said;
            return undef;
        }
        select undef, undef, undef, 0.005;
    }
    die "the server neither listens nor ends\n";
}

sub start {
    my ($self, @options) = @_;
    return $self->try_start(@options) // die "the server did not start: $self->{said}\n";
}

# Sends a signal and waits for the end; the wait status.
sub stop {
    my ($self, $signal) = @_;
    return 0 unless $self->{pid};
    kill $signal // 'TERM', $self->{pid};
    waitpid $self->{pid}, 0;
    $self->{pid} = undef;
    return $?;
}

# The address keeps its port from now on, so that clients find the server after a restart.
sub keep_port {
    my ($self) = @_;
    ($self->{listen}) = $self->{base} =~ m{http://(.*)};
}

# {status}, {headers}, {content} of HTTP::Tiny, and {json} when the answer is JSON.
sub request {
    my ($self, $method, $path, $body, $headers) = @_;
    my %headers = (defined $body ? ('Content-Type' => 'application/json') : (), %{ $headers // {} });
    my $answer = $self->{http}->request($method, "$self->{base}$path",
        { headers => \%headers, (defined $body ? (content => ref $body ? $json->encode($body) : $body) : ()) });
    $answer->{json} = eval { $json->decode($answer->{content}) }
        if ($answer->{headers}{'content-type'} // '') =~ /json/;
    return $answer;
}

# Runs a command against the server; what it said, and its exit code.
sub run {
    my ($self, $words, $input) = @_;
    my $pid = $self->begin($words, $input);
    return $self->finish($pid);
}

# The two halves of run.
sub begin {
    my ($self, $words, $input) = @_;
    my $name = "$self->{directory}/run." . ++$self->{runs};
    open my $in, '>', "$name.in" or die "$name.in: $!";
    print $in $input // '';
    close $in;
    local $ENV{TOLLGATE_SERVER} = $self->{base} // 'http://127.0.0.1:1';
    my $pid = $self->spawn($words, "$name.out", "$name.err", "$name.in");
    $self->{names}{$pid} = $name;
    return $pid;
}

sub finish {
    my ($self, $pid) = @_;
    my $name = delete $self->{names}{$pid};
    waitpid $pid, 0;
    return { code => $? & 127 ? "signal $?" : $? >> 8, out => slurp("$name.out"), err => slurp("$name.err") };
}

# Writes a file into the server's directory; its path.
sub file {
    my ($self, $name, $content) = @_;
    open my $out, '>', "$self->{directory}/$name" or die "$name: $!";
    binmode $out;
    print $out $content;
    close $out;
    return "$self->{directory}/$name";
}

sub log_tail {
    my ($self) = @_;
    my @lines = split /\n/, slurp("$self->{directory}/log");
    return join "\n", @lines > 20 ? @lines[ -20 .. -1 ] : @lines;
}

sub slurp {
    my ($path) = @_;
    open my $in, '<', $path or return '';
    local $/;
    my $all = <$in>;
    close $in;
    return $all // '';
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $!);
    return unless $self->{pid} && $self->{owner} == $$;
    kill 'KILL', $self->{pid};
    waitpid $self->{pid}, 0;
}

1;
