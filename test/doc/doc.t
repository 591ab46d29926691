#!/usr/bin/perl
# doc.t [--bless] [FILE.md…]: runs the examples of the manual and looks whether it tells the truth.
#
# An example is a fenced block marked "console" in README.md, doc/*.md or src/*/README.md. All
# blocks of one file are one session: one shell, in an empty directory, beside a fresh server whose
# clock stands at 1 January 2026. The program under test is $TOLLGATE (build/debug/tollgate by
# default), in the session's PATH as `tollgate`.
#
#   $ COMMAND     given to the shell; it goes on over further lines while a quote or a here
#                 document is open, or a line ends with a backslash
#   other lines   the output wanted, of both streams, up to the next command
#
# In the output wanted
#   ...           stands for anything; on a line of its own, for any number of lines
#   ids           stand for any id, but the same id stands for the same one in the whole file
#   secrets and request ids stand for any
#   JSON          may be wrapped and spaced to be read: white space outside strings does not count,
#                 nor does white space at the end of a line
# The address 127.0.0.1:8888, which readers have, stands for the server's.
#
# Besides: every link leads somewhere, and what tools/gen_doc writes is up to date.
#
# --bless puts what came into the files in place of what was wanted and is not so; read the diff.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);

my $is_blessing = @ARGV && $ARGV[0] eq '--bless' && shift @ARGV;
my $program = abs_path($ENV{TOLLGATE} // 'build/debug/tollgate');
my $root = abs_path('.');
my @files = @ARGV ? @ARGV : ('README.md', glob('[A-Z]*.md'), glob('doc/*.md'), glob('src/*/README.md'));
@files = do { my %seen; grep { -f && !$seen{$_}++ } @files };

my $ULID = qr/\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b/;
my $SECRET = qr/\b[ks]pat_[0-9A-Za-z]{20,}/;
my $REQUEST_ID = qr/\b[0-9a-f]{32}\b/;
my $MARK = '=-=-=';

my ($count, $failed, $pid) = (0, 0);

sub ok {
    my ($is_ok, $name, @why) = @_;
    $count++;
    print $is_ok ? 'ok' : 'not ok', " $count - $name\n";
    return 1 if $is_ok;
    $failed++;
    print "#   $_\n" for map { split /\n/ } @why;
    return 0;
}

sub slurp {
    my ($path) = @_;
    open my $in, '<', $path or die "$path: $!\n";
    local $/;
    return scalar <$in>;
}

# ---- a server for one file ------------------------------------------------------------------

sub start_server {
    my ($directory) = @_;
    pipe(my $out, my $in) or die "pipe: $!";
    $pid = fork // die "fork: $!";
    if (!$pid) {
        chdir $directory or die;
        open STDOUT, '>&', $in or die;
        open STDERR, '>', "$directory.log" or die;
        exec $program, qw(serve --listen 127.0.0.1:0 --dev --clock manual=2026-01-01T00:00:00Z)
            or die "$program: $!";
    }
    close $in;
    my ($address) = (<$out> // '') =~ m{http://(\S+)};
    return $address // die "the server did not start: " . slurp("$directory.log");
}

sub stop_server {
    return unless $pid;
    kill 'TERM', $pid;
    waitpid $pid, 0;
    $pid = undef;
    return $?;
}

END { my $status = $?; stop_server(); $? = $status }

# ---- the examples of a file -----------------------------------------------------------------

sub is_open_command {
    my ($command) = @_;
    return 1 if $command =~ /\\$/;
    return $command !~ /\n\s*\Q$1\E$/ if $command =~ /<<-?\s*'?(\w+)'?/;
    (my $rest = $command) =~ s/"[^"']*"//g;
    return ($rest =~ tr/'//) % 2;
}

# The steps in the order of the file: where they stand, the command, the lines wanted.
sub steps_of {
    my ($path) = @_;
    my @lines = split /\n/, slurp($path), -1;
    my ($is_inside, @steps) = (0);
    for (my $i = 0; $i < @lines; $i++) {
        if ($lines[$i] =~ /^```/) {
            $is_inside = !$is_inside && $lines[$i] eq '```console';
            next;
        }
        next unless $is_inside;
        if ($lines[$i] !~ /^\$ (.*)/) {
            die "$path:" . ($i + 1) . ": output before any command\n" unless @steps;
            push @{ $steps[-1]{want} }, $lines[$i];
            $steps[-1]{last} = $i;
            next;
        }
        my $step = { at => $i + 1, command => $1, want => [] };
        $step->{command} .= "\n" . $lines[++$i] while is_open_command($step->{command}) && $i + 1 < @lines;
        $step->{last} = $i;
        push @steps, $step;
    }
    return @steps;
}

# Runs all commands in one shell; their outputs in the same order.
sub run_steps {
    my ($directory, $address, @steps) = @_;
    my $script = "exec 2>&1\nexport PATH='$directory.bin':\"\$PATH\" TOLLGATE_SERVER=http://$address LC_ALL=C.UTF-8\n";
    for my $step (@steps) {
        (my $command = $step->{command}) =~ s/127\.0\.0\.1:8888/$address/g;
        $script .= "(exit \${code:-0})\n$command\ncode=\$?; printf '\\n$MARK\\n'\n";
    }
    open my $file, '>', "$directory.sh" or die;
    print $file $script;
    close $file;
    my $all = `cd '$directory' && timeout 60 sh '$directory.sh' </dev/null`;
    $all =~ s/\r//g;
    $all =~ s/\Q$address\E/127.0.0.1:8888/g;
    my @outputs = split /\n\Q$MARK\E\n/, $all, -1;
    pop @outputs;
    return map { s/[ \t]+$//gmr =~ s/\n\z//r } @outputs;
}

# ---- comparing ------------------------------------------------------------------------------

# Without white space outside of strings.
sub squeezed {
    my ($text) = @_;
    $text =~ s/("(?:[^"\\]|\\.)*")|\s+/$1 \/\/ ''/ge;
    return $text;
}

# What is wanted as a pattern. Ids become groups; their names are left in @$ids.
sub pattern_of {
    my ($want, $ids) = @_;
    my $pattern = '';
    while ($want =~ /\G(?:(?<all>(?:(?<=\n)|^)\.\.\.(?:\n|\z))|(?<some>\.\.\.)|(?<id>$ULID)|(?<secret>$SECRET)
        |(?<request>$REQUEST_ID)|(?<char>.))/gsx) {
        if (defined $+{all}) { $pattern .= '(?:[^\n]*(?:\n|\z))*?' }
        elsif (defined $+{some}) { $pattern .= '[^\n]*?' }
        elsif (defined $+{id}) { push @$ids, $+{id}; $pattern .= "($ULID)" }
        elsif (defined $+{secret}) { $pattern .= $SECRET }
        elsif (defined $+{request}) { $pattern .= $REQUEST_ID }
        else { $pattern .= quotemeta $+{char} }
    }
    return qr/\A$pattern\z/s;
}

# Why the output is not what was wanted; nothing when it is. %$known has the ids met so far.
sub difference {
    my ($want, $got, $known) = @_;
    ($want, $got) = (squeezed($want), squeezed($got)) if $want =~ /^\s*[\[{]/;
    my @ids;
    my @found = $got =~ pattern_of($want, \@ids);
    return "want: $want", "got:  $got" unless @found;
    for my $i (0 .. $#ids) {
        my $is = $known->{ $ids[$i] } //= $found[$i];
        return "the id $ids[$i] stands for $is elsewhere, here for $found[$i]" if $is ne $found[$i];
    }
    return;
}

# An output as it stands in a page: JSON spaced, and wrapped to lines of some length.
sub shown {
    my ($got) = @_;
    return $got unless $got =~ /^[\[{]/ && length $got > 100;
    my ($text, @lines) = (squeezed($got), '');
    while ($text =~ /((?:"(?:[^"\\]|\\.)*"|[^",:])+|[,:])/g) {
        my $piece = $1;
        my $is_break = $lines[-1] =~ /,\z/ && length($lines[-1]) + length($piece) > 100;
        $lines[-1] .= ' ' if $lines[-1] =~ /[,:]\z/ && !$is_break;
        push @lines, ' ' if $is_break;
        $lines[-1] .= $piece;
    }
    return join "\n", @lines;
}

sub bless_file {
    my ($path, @steps) = @_;
    my @lines = split /\n/, slurp($path), -1;
    for my $step (reverse grep { defined $_->{got} } @steps) {
        my $wanted = @{ $step->{want} };
        splice @lines, $step->{last} - $wanted + 1, $wanted, split(/\n/, shown($step->{got}), -1);
    }
    open my $out, '>', $path or die "$path: $!";
    print $out join "\n", @lines;
    close $out;
}

sub test_file {
    my ($path) = @_;
    my @steps = steps_of($path) or return;
    my $directory = tempdir(CLEANUP => 1) . '/session';
    mkdir $_ or die "$_: $!" for $directory, "$directory.bin";
    symlink $program, "$directory.bin/tollgate" or die;
    my @outputs = run_steps($directory, start_server($directory), @steps);
    my (%known, $needs_blessing);
    for my $i (0 .. $#steps) {
        my ($step, $got) = ($steps[$i], $outputs[$i]);
        my @why = defined $got ? difference(join("\n", @{ $step->{want} }), $got, \%known)
            : 'the session ended before';
        my ($title) = split /\n/, $step->{command};
        ok(!@why, "$path:$step->{at}: $title", @why) or $needs_blessing = 1;
        $step->{got} = $got if @why && defined $got;
    }
    bless_file($path, @steps) if $is_blessing && $needs_blessing;
    ok(stop_server() == 0, "$path: the server ends in good order", slurp("$directory.log"));
}

# ---- links ----------------------------------------------------------------------------------

# The anchors that a file's headings have.
sub anchors_of {
    my ($path) = @_;
    my (%anchors, $is_code);
    for (split /\n/, slurp($path)) {
        $is_code = !$is_code if /^```/;
        next if $is_code || !/^#+ (.*)/;
        my $anchor = lc $1;
        $anchor =~ s/[^\w\s-]//g;
        $anchor =~ tr/ /-/;
        $anchors{$anchor} = 1;
    }
    return \%anchors;
}

sub test_links {
    my ($path) = @_;
    (my $text = slurp($path)) =~ s/^```.*?^```//gms;
    my ($folder) = $path =~ m{^(.*/)} ? $1 : '';
    my @broken;
    while ($text =~ /\]\(([^)\s]+)\)/g) {
        my ($target, $anchor) = split /#/, $1, 2;
        next if $target =~ /^\w+:/;
        my $to = $target eq '' ? $path : "$folder$target";
        push @broken, $1 if !-e "$root/$to" || (defined $anchor && !anchors_of($to)->{$anchor});
    }
    ok(!@broken, "$path: its links lead somewhere", @broken);
}

# ---------------------------------------------------------------------------------------------

my $has_curl = grep { -x "$_/curl" } split /:/, $ENV{PATH} // '';
for my $path (@files) {
    test_links($path);
    if (!$has_curl && slurp($path) =~ /^\$ .*\bcurl\b/m) {
        $count++;
        print "ok $count - $path # skip there is no curl\n";
        next;
    }
    test_file($path);
}
if (!@ARGV) {
    my @stale = split /\n/, `tools/gen_doc --check '$program'`;
    ok($? == 0 && !@stale, 'what tools/gen_doc writes is up to date', @stale, 'run: tools/gen_doc PROGRAM');
}
print "1..$count\n";
exit($failed ? 1 : 0);
