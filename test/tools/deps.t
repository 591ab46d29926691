#!/usr/bin/perl
# deps.t: tools/deps asks apt for what is missing and nothing else, as root, and for others says
# what to install. The commands it calls are made up here; nothing is installed.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;

my $bin = tempdir(CLEANUP => 1);

sub program {
    my ($name, $text) = @_;
    open my $out, '>', "$bin/$name" or die "$name: $!";
    print $out "#!/bin/sh\n$text";
    close $out;
    chmod 0755, "$bin/$name";
}

# Runs deps with only `there` installed: exit status, what it printed, what it asked apt for.
sub deps {
    my ($groups, %case) = @_;
    my $there = join '|', map { quotemeta } @{ $case{there} // [] }, 'nothing';
    unlink "$bin/log", "$bin/updated";
    program('dpkg-query', "for name; do :; done\necho \"\$name\" | grep -qxE '$there' && printf 'install ok installed'\n");
    program('id', 'echo ' . ($case{user} // 0) . "\n");
    program('apt-get', "echo \"\$*\" >>$bin/log\ncase \$1 in\nupdate) touch $bin/updated ;;\n"
            . "*) [ -e $bin/updated ] || " . ($case{is_stale} ? 'exit 100' : ':') . " ;;\nesac\n");
    symlink "/usr/bin/$_", "$bin/$_" for grep { !-e "$bin/$_" } 'grep', 'touch';
    my $printed = `PATH=$bin /bin/sh tools/deps $groups 2>&1`;
    my $status = $? >> 8;
    open my $in, '<', "$bin/log" or return ($status, $printed);
    return ($status, $printed, map { chomp; $_ } <$in>);
}

my ($status, $printed, @asked) = deps('test', there => [ 'perl', 'tzdata', 'curl' ]);
is($status, 0, 'nothing is missing');
is("$printed@asked", '', '... and nothing is said or asked');

($status, $printed, @asked) = deps('test', there => [ 'perl', 'curl' ]);
is($status, 0, 'one package is missing');
is(scalar @asked, 1, '... and apt is asked once');
like($asked[0], qr/^install .* tzdata$/, '... for that package only');

($status, $printed, @asked) = deps('test build');
like($asked[0], qr/\btzdata\b.*\bgcc\b.*\blibsqlite3-dev\b/, 'several groups are one installation');

($status, $printed, @asked) = deps('test', is_stale => 1);
is($status, 0, 'the package lists are not there');
is_deeply([ map { /^(\w+)/ } @asked ], [ 'install', 'update', 'install' ], '... they are fetched and apt asked again');

($status, $printed, @asked) = deps('test', user => 1000);
is($status, 1, 'without root nothing is installed');
is_deeply(\@asked, [], '... nor asked for');
like($printed, qr/sudo apt-get install .* perl tzdata curl$/m, '... but said what to install');

($status, $printed) = deps('attic');
is($status, 2, 'a group that is not there is refused');
like($printed, qr/no group attic/, '... by its name');

done_testing();
