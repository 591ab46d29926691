#!/usr/bin/perl
# sdk.t: the public JavaScript client works against this server (the .mjs files hold the checks). The
# client is installed below build/; without node, npm or the registry the test is skipped.
use strict;
use warnings;
use File::Copy qw(copy);
use File::Path qw(make_path);
use File::Temp qw(tempdir);

my $program = $ENV{TOLLGATE} // 'build/debug/tollgate';
my $folder = 'build/sdk';
my $data = tempdir(CLEANUP => 1);
my $pid;

# What npm says when there is no way to the registry, or only one through a proxy that refuses.
my $UNREACHABLE = qr/\b(timeout|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH
    |ERR_SOCKET_TIMEOUT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT\w*|E40[37]|E50\d)\b/x;

sub skip { print "1..0 # SKIP $_[0]\n"; exit 0 }
sub bail { print "Bail out! $_[0]\n"; exit 1 }

END { if ($pid) { my $status = $?; kill 'TERM', $pid; waitpid $pid, 0; $? = $status } }

sub read_file {
    my ($path) = @_;
    open my $in, '<', $path or return '';
    local $/;
    return <$in>;
}

# Installs the client, unless what is there was made from the same lock file.
sub install_client {
    make_path($folder);
    return if read_file("$folder/installed") eq read_file('test/sdk/package-lock.json');
    copy("test/sdk/$_", "$folder/$_") or bail("$_: $!") for 'package.json', 'package-lock.json', '.npmrc';
    my $said = `cd $folder && timeout 120 npm ci --ignore-scripts 2>&1`;
    my $status = $? >> 8;
    skip("the npm registry cannot be reached: $1")
        if $status != 0 && ($status == 124 ? 'timeout' : $said) =~ /$UNREACHABLE/;
    bail("npm ci: $said") if $status != 0;
    copy('test/sdk/package-lock.json', "$folder/installed") or bail("installed: $!");
}

sub start_server {
    pipe(my $out, my $in) or bail("pipe: $!");
    $pid = fork // bail("fork: $!");
    if (!$pid) {
        open STDOUT, '>&', $in or die;
        open STDERR, '>', "$data/log" or die;
        exec $program, 'serve', '--data', "$data/data", '--listen', '127.0.0.1:0',
            '--dev', '--clock', 'manual=2026-03-04T00:00:00Z' or die "$program: $!";
    }
    close $in;
    my ($base) = (<$out> // '') =~ m{(http://\S+)} or bail('the server did not start: ' . read_file("$data/log"));
    return $base;
}

skip('node is not installed: make deps') if system('node --version >/dev/null 2>&1') != 0;
skip('npm is not installed: make deps') if system('npm --version >/dev/null 2>&1') != 0;
install_client();
for my $module (map { s{.*/}{}r } glob 'test/sdk/*.mjs') {
    copy("test/sdk/$module", "$folder/$module") or bail("$module: $!");
}
my $base = start_server();
print `node $folder/run.mjs $base 2>&1`;
my $status = $? >> 8;
print map { "# $_\n" } split /\n/, read_file("$data/log") if $status != 0;
exit $status;
