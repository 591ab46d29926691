#!/usr/bin/perl
# catalog.t: `tollgate catalog`: the catalog as a file: exported, compared, applied, refused.
use strict;
use warnings;
use lib 'test/lib';
use JSON::PP ();
use Server;
use Test::More;

my $json = JSON::PP->new->canonical->allow_nonref;
my $server = Server->new;
$server->start('--dev', '--clock', 'manual=2026-01-01T00:00:00Z');
my $api = '/v3/openmeter';

sub post {
    my ($path, $body, $status) = @_;
    my $answer = $server->request(POST => $path =~ m{^/v3} ? $path : "$api$path", $body);
    is($answer->{status}, $status // 201, "POST $path") or diag(explain $answer);
    return $answer->{json};
}

# Runs `tollgate catalog ACTION` on a file of this content.
my $files = 0;

sub catalog {
    my ($action, $content, @more) = @_;
    my $file = defined $content ? $server->file('catalog' . ++$files . '.yaml', $content) : undef;
    my $result = $server->run([ 'catalog', $action, ($file ? ('-f', $file) : ()), @more ]);
    $result->{err} =~ s/^\Q$file\E:/FILE:/mg if $file;
    return $result;
}

sub succeeds {
    my ($name, $result, $wanted) = @_;
    is($result->{code}, 0, "$name: is done") or diag($result->{err});
    is($result->{err}, '', "$name: nothing to complain of");
    is($result->{out}, $wanted, "$name: says so") if defined $wanted && !ref $wanted;
    like($result->{out}, $wanted, "$name: says so") if ref $wanted;
}

sub exported {
    return catalog('export')->{out};
}

my $same = "No difference.\n";

# ---- a catalog from nothing ------------------------------------------------------------------------

post('/meters', { key => 'tokens_total', name => 'Tokens', aggregation => 'sum', event_type => 'prompt', value_property => '$.tokens',
        dimensions => { model => '$.model' } });
post('/meters', { key => 'calls', name => 'Calls', aggregation => 'count', event_type => 'call' });

my $catalog = <<'END';
# What we sell.
tax_codes:
  - key: software
    name: Software
    app_mappings: [{app_type: stripe, tax_code: txcd_10000000}]
tax_defaults:
  invoicing_tax_code: {key: software}
  credit_grant_tax_code: {key: nontaxable}
features:
  - {key: tokens, name: Tokens, meter: {key: tokens_total, filters: {model: {eq: small}}}}
  - key: calls
    name: "Calls: all"
    meter: {key: calls}
    unit_cost: {type: manual, amount: "0.001"}
  - {key: support, name: Support}
addons:
  - key: extra
    name: Extra
    instance_type: single
    currency: USD
    rate_cards:
      - key: support
        name: Support
        feature: {key: support}
        billing_cadence: P1M
        price: {type: flat, amount: "5"}
plans:
  - key: pro
    name: Pro
    description: |
      For those who
      mean it.
    labels: {line: main}
    currency: USD
    billing_cadence: P1M
    phases:
      - key: trial
        name: Trial
        duration: P1M
        rate_cards:
          - {key: tokens, name: Tokens, feature: {key: tokens}, billing_cadence: P1M, price: {type: free}}
      - key: default
        name: Default
        rate_cards:
          - key: tokens
            name: Tokens
            feature: {key: tokens}
            billing_cadence: P1M
            price:
              type: graduated
              tiers:
                - {up_to_amount: 1000, unit_price: {type: unit, amount: 0.10}}
                - {unit_price: {type: unit, amount: "0.05"}, flat_price: {type: flat, amount: "1"}}
            discounts: {percentage: 10, usage: 5}
            commitments: {minimum_amount: 3}
            tax_config: {behavior: exclusive, code: {key: software}}
            entitlement: {type: metered, limit: 5000, is_soft_limit: true}
          - {key: fee, name: Fee, billing_cadence: P1M, price: {type: flat, amount: "20"}, payment_term: in_advance}
    addons:
      - {addon: {key: extra}, name: Extra, from_plan_phase: default}
  - key: calls
    name: Calls
    currency: USD
    billing_cadence: P1M
    phases:
      - key: default
        name: Default
        rate_cards:
          - {key: calls, name: Calls, feature: {key: calls}, billing_cadence: P1M, price: {type: unit, amount: "1.00"}}
END

my $before = exported();
my $plan = catalog('plan', $catalog);
succeeds('a plan', $plan, qr/^\+ plans\[pro\]\.phases\[default\]\.rate_cards\[tokens\]\.price\.tiers\[0\]\.unit_price\.amount: "0\.10"$/m);
is(exported(), $before, 'a plan stores nothing');
my $done = <<'END';
action   what          key       version
create   tax_code      software        -
update   tax_defaults  -               -
create   feature       tokens          -
create   feature       calls           -
create   feature       support         -
create   addon         extra           1
publish  addon         extra           1
create   plan          calls           1
publish  plan          calls           1
create   plan          pro             1
publish  plan          pro             1
END
like($plan->{out}, qr/\n\n\Q$done\E\z/, 'and says what would be done');
succeeds('applying', catalog('apply', $catalog), $done);
succeeds('applying again', catalog('apply', $catalog), "No difference: nothing was done.\n");
succeeds('a plan of what was applied', catalog('plan', $catalog), $same);

# ---- round trips --------------------------------------------------------------------------------------

my $export = exported();
succeeds('an export', catalog('plan', $export), $same);
succeeds('an export, pruned', catalog('plan', $export, '--prune'), $same);
my $as_json = catalog('export', undef, '--format', 'json')->{out};
succeeds('an export as JSON', catalog('plan', $as_json, '--prune'), $same);
is(exported(), $export, 'the order is stable');

my $other = Server->new;
$other->start('--dev', '--clock', 'manual=2026-06-01T00:00:00Z');
$other->request(POST => "$api/meters", { key => 'calls', name => 'Calls', aggregation => 'count', event_type => 'call' });
$other->request(POST => "$api/meters", { key => 'tokens_total', name => 'Tokens', aggregation => 'sum', event_type => 'prompt',
        value_property => '$.tokens', dimensions => { model => '$.model' } });
my $copied = $other->run([ 'catalog', 'apply', '-f', '-' ], $export);
is($copied->{code}, 0, 'the export makes the same catalog elsewhere') or diag($copied->{err});
is($other->run([ 'catalog', 'export' ])->{out}, $export, 'to the byte');
$other->stop;

# ---- the schema -----------------------------------------------------------------------------------------

my $schema = $json->decode(catalog('schema')->{out});
is_deeply($schema, $json->decode(Server::slurp('api/openapi/catalog.schema.json')), 'the schema in api/openapi is fresh: make openapi');

# What of a JSON schema ours has.
sub invalid {
    my ($rule, $value, $place) = @_;
    $rule = $schema->{'$defs'}{$1} if ($rule->{'$ref'} // '') =~ m{^#/\$defs/(\w+)$};
    my @wrong = map { invalid($_, $value, $place) } @{ $rule->{allOf} // [] };
    my $is = !defined $value ? 'null' : JSON::PP::is_bool($value) ? 'boolean' : ref $value eq 'HASH' ? 'object' : ref $value eq 'ARRAY' ? 'array'
        : $json->encode($value) =~ /^"/ ? 'string' : 'number';
    my $type = $rule->{type} // $is;
    return "$place is $is, not $type" if $type ne $is && !($type eq 'integer' && $is eq 'number' && $value =~ /^-?\d+$/);
    push @wrong, "$place: $value is none of its words" if $rule->{enum} && !grep { $_ eq $value } @{ $rule->{enum} };
    push @wrong, "$place: $value does not match" if $rule->{pattern} && $value !~ /$rule->{pattern}/;
    push @wrong, "$place: too long" if $rule->{maxLength} && length $value > $rule->{maxLength};
    push @wrong, "$place: too short" if $rule->{minLength} && length $value < $rule->{minLength};
    push @wrong, "$place: too small" if defined $rule->{minimum} && $value < $rule->{minimum};
    push @wrong, "$place: too large" if defined $rule->{maximum} && $value > $rule->{maximum};
    if ($is eq 'array') {
        push @wrong, "$place: too few" if @$value < ($rule->{minItems} // 0);
        push @wrong, "$place: too many" if defined $rule->{maxItems} && @$value > $rule->{maxItems};
        push @wrong, map { invalid($rule->{items}, $value->[$_], "$place\[$_]") } $rule->{items} ? 0 .. $#$value : ();
    }
    return @wrong unless $is eq 'object';
    push @wrong, map { "$place lacks $_" } grep { !exists $value->{$_} } @{ $rule->{required} // [] };
    for my $key (sort keys %$value) {
        my $inside = $rule->{properties}{$key} // $rule->{additionalProperties} // {};
        push @wrong, ref $inside eq 'HASH' ? invalid($inside, $value->{$key}, "$place.$key") : "$place.$key is not known";
    }
    return @wrong;
}
is_deeply([ invalid($schema, $json->decode($as_json), '$') ], [], 'an export is valid by the schema');
my $broken = $json->decode($as_json);
$broken->{plans}[0]{phases}[0]{rate_cards}[0]{price}{type} = 'none';
$broken->{plans}[1]{colour} = 'red';
delete $broken->{features}[0]{name};
is_deeply([ invalid($schema, $broken, '$') ], [ '$.features[0] lacks name', '$.plans[0].phases[0].rate_cards[0].price.type: none is none of its words',
        '$.plans[1].colour is not known' ], 'and it finds what is wrong');

# ---- a changed price, and the money -------------------------------------------------------------------------

post('/customers', { key => 'acme', name => 'Acme', usage_attribution => { subject_keys => ['acme'] } });
post('/customers', { key => 'globex', name => 'Globex', usage_attribution => { subject_keys => ['globex'] } });
post('/subscriptions', { customer => { key => $_ }, plan => { key => 'calls' } }) for qw(acme globex);
post('/events', { specversion => '1.0', id => "e$_", source => 's', type => 'call', subject => $_ % 3 ? 'acme' : 'globex' }, 202) for 1 .. 12;
post('/v3/test-clock/advance', { to => '2026-01-11T00:00:00Z' }, 200);

(my $dearer = $catalog) =~ s/amount: "1\.00"\}/amount: "1.25"}/ or die;
succeeds('a changed price', catalog('plan', $dearer), <<'END');
~ plans[calls].phases[default].rate_cards[calls].price.amount: "1.00" -> "1.25"

action   what  key    version
create   plan  calls        2
publish  plan  calls        2

Subscriptions keep the version that they are on until they are moved. Moved now,
the charges of their open periods, with the usage so far, would change:

customer  plan          period                   rate card  before  after  change  currency
acme      calls 1 -> 2  2026-01-01 - 2026-02-01  calls        8.00  10.00   +2.00  USD
globex    calls 1 -> 2  2026-01-01 - 2026-02-01  calls        4.00   5.00   +1.00  USD

Together  +3.00 USD
END
succeeds('the new price', catalog('apply', $dearer), "action   what  key    version\ncreate   plan  calls        2\npublish  plan  calls        2\n");
like($server->run([ 'preview', 'acme' ])->{out}, qr/^Total  8\.00 USD$/m, 'a subscription keeps its price');

(my $gone = $dearer) =~ s/      - key: default\n        name: Default\n        rate_cards:\n          - \{key: calls/      - key: other\n        name: Other\n        rate_cards:\n          - {key: calls/ or die;
like(catalog('plan', $gone)->{out}, qr/^acme: cannot be told: the new version has no phase default$/m, 'what cannot be told is said');

# ---- values, kinds of change -----------------------------------------------------------------------------------

for (
    [ 'the same in other words', sub { s/amount: "20"/amount: "20.00"/; s/duration: P1M/duration: "P1M"/ }, $same ],
    [ 'a label', sub { s/\{line: main\}/{line: side, tier: a}/ }, qr/\A~ plans\[pro\]\.labels\.line: "main" -> "side"\n\+ plans\[pro\]\.labels\.tier: "a"\n\n/ ],
    [ 'a cost', sub { s/"0\.001"/"0.002"/ }, qr/\A~ features\[calls\]\.unit_cost\.amount: "0\.001" -> "0\.002"\n\naction .*\nupdate +feature +calls +-\n\z/ ],
    [ 'less', sub { s/^.*key: fee.*\n//m }, qr/\A- plans\[pro\]\.phases\[default\]\.rate_cards\[fee\]\.key: "fee"\n- .*\n/ ],
    [ 'another order', sub { s/^( +- \{key: fee.*\n)//m; my $fee = $1; s/(name: Default\n        rate_cards:\n)(          - key: tokens)/$1$fee$2/ },
        qr/\A~ plans\[pro\]\.phases\[default\]\.rate_cards: \["tokens","fee"\] -> \["fee","tokens"\]\n/ ],
    [ 'a tier', sub { s/up_to_amount: 1000/up_to_amount: 2000/ }, qr/\A~ .*\.tiers\[0\]\.up_to_amount: "1000" -> "2000"\n\n/ ],
    [ 'an add-on, and the plan that has it', sub { s/amount: "5"/amount: "6"/ },
        qr/\A~ addons\[extra\]\.rate_cards\[support\]\.price\.amount: "5" -> "6"\n\naction .*\ncreate +addon +extra +2\npublish +addon +extra +2\ncreate +plan +pro +2\npublish +plan +pro +2\n\z/ ],
    [ 'a default', sub { s/invoicing_tax_code: \{key: software\}/invoicing_tax_code: {key: default}/ },
        qr/\A~ tax_defaults\.invoicing_tax_code\.key: "software" -> "default"\n/ ],
    [ 'one section', sub { $_ = "features:\n  - {key: more, name: More}\n" }, qr/\A\+ features\[more\]\.key: "more"\n\+ features\[more\]\.name: "More"\n\n/ ],
) {
    my ($name, $change, $wanted) = @$_;
    local $_ = $dearer;
    $change->();
    succeeds($name, catalog('plan', $_), $wanted);
}

# ---- drafts, and versions to come ----------------------------------------------------------------------------------

my $calls = sub { my ($amount, @more) = @_; join "\n    ", "  - key: calls", @more, 'name: Calls', 'currency: USD', 'billing_cadence: P1M', 'phases:',
        '  - {key: default, name: Default, rate_cards: [{key: calls, name: Calls, feature: {key: calls}, billing_cadence: P1M, price: {type: unit, amount: "'
        . $amount . "\"}}]}\n" };
my $now = $calls->('1.25');
my $draft = $calls->('2', 'status: draft');
my $later = $calls->('3', 'effective_from: 2026-03-01T00:00:00Z');
my $all = "plans:\n$now$draft$later";
succeeds('a draft and a version to come', catalog('apply', $all),
    "action   what  key    version\ncreate   plan  calls        3\npublish  plan  calls        3\ncreate   plan  calls        4\n");
succeeds('both again', catalog('plan', $all), $same);
succeeds('both, exported', catalog('plan', exported(), '--prune'), $same);
like(exported(), qr/^    status: draft$/m, 'a draft says that it is one');
like(exported(), qr/^    effective_from: "2026-03-01T00:00:00Z"$/m, 'and the other when it begins');
my $next = $calls->('1.50');
my $kept = catalog('apply', "plans:\n$next$later");
is($kept->{code}, 1, 'a draft that is not in the file is not run over');
like($kept->{err}, qr/^FILE:2:5: plans\[0\]: the plan has a draft that is not in the list/, 'and the file\'s entry is at fault');
succeeds('a draft in the file makes room', catalog('apply', "plans:\n$next$draft$later"), qr/^delete +plan +calls +4$/m);
succeeds('a pruned draft makes room', catalog('apply', "plans:\n$now$later", '--prune'), qr/^archive +plan +pro +1$/m);
unlike(exported(), qr/^    status: draft$/m, 'and is gone');
post('/v3/test-clock/advance', { to => '2026-03-02T00:00:00Z' }, 200);
succeeds('what has begun since', catalog('plan', "plans:\n$now$later", '--prune'), $same);
succeeds('it is the active one now', catalog('plan', exported(), '--prune'), $same);

# ---- pruning --------------------------------------------------------------------------------------------------------

$export = exported();
succeeds('without --prune what the file lacks stays', catalog('plan', "features: []\nplans: []\naddons: []\ntax_codes: []\n"), $same);
succeeds('a section that the file does not have stays', catalog('plan', "tax_defaults: {invoicing_tax_code: {key: software}, credit_grant_tax_code: {key: nontaxable}}\n", '--prune'), $same);
my $pruned = catalog('apply', "features: []\nplans: []\naddons: []\ntax_codes: []\n", '--prune');
succeeds('with it all goes, but the default tax codes', $pruned, <<'END');
action   what      key      version
archive  plan      calls          3
archive  addon     extra          1
archive  feature   calls          -
archive  feature   support        -
archive  feature   tokens         -
delete   tax_code  default        -
END
like(exported(), qr/^features: \[\]\naddons: \[\]\nplans: \[\]$/m, 'nothing is left');
succeeds('and comes back', catalog('apply', $export), qr/^publish +plan +calls +8$/m);
is(exported(), $export =~ s/effective_from: .*\n//r, 'as it was');

# ---- several at once -------------------------------------------------------------------------------------------------

my @running = map { $server->begin([ 'catalog', 'apply', '-f', $server->file("at-once-$_.yaml", "plans:\n" . $calls->("4.0$_")) ]) } 1 .. 6;
my @ended = map { $server->finish($_) } @running;
my @won = grep { $_->{code} == 0 } @ended;
ok(@won >= 1, 'of several at once one wins');
is_deeply([ grep { $_->{code} != 0 && ($_->{code} != 1 || $_->{err} !~ /409.*changed since/) } @ended ], [], 'others are told that the catalog has changed');
my $versions = $server->request(GET => "$api/plans?filter[key][eq]=calls&page[size]=100")->{json}{data};
is(scalar(grep { $_->{status} eq 'active' } @$versions), 1, 'one version is active');
is((sort { $b <=> $a } map { $_->{version} } @$versions)[0], 8 + @won, 'each winner made one version, the others none');

# ---- currencies ------------------------------------------------------------------------------------------------------------

my $credits = <<'YAML';
currencies:
  - code: CREDITS
    name: Credits
    precision: 2
    decimal_mark: "."
    thousand_separator: ","
    cost_bases:
      - {fiat_code: EUR, rate: "0.40"}
      - {fiat_code: USD, rate: 0.5}
      - {fiat_code: USD, rate: "0.6", effective_from: 2026-04-01T00:00:00Z}
YAML
succeeds('a currency', catalog('apply', $credits), <<'END');
action  what        key          version
create  currency    CREDITS            -
create  cost_basis  CREDITS/EUR        -
create  cost_basis  CREDITS/USD        -
create  cost_basis  CREDITS/USD        -
END
succeeds('the currency again', catalog('plan', $credits), $same);
succeeds('the currency, exported', catalog('plan', exported(), '--prune'), $same);
is_deeply([ invalid($schema, $json->decode(catalog('export', undef, '--format', 'json')->{out}), '$') ], [], 'which is valid by the schema');
post('/v3/test-clock/advance', { to => '2026-03-03T00:00:00Z' }, 200);
succeeds('another rate', catalog('plan', $credits =~ s/"0\.40"/"0.41"/r), qr/\A~ currencies\[CREDITS\]\.cost_bases\[0\]\.rate: "0\.40" -> "0\.41"\n\n/);
post('/v3/test-clock/advance', { to => '2026-04-02T00:00:00Z' }, 200);
succeeds('the rate that has begun', catalog('plan', $credits), $same);
succeeds('rates are not pruned', catalog('plan', "currencies: []\n", '--prune'), $same);
my $changed = catalog('plan', $credits =~ s/precision: 2/precision: 3/r);
is($changed->{err}, "FILE:4:16: currencies[0].precision: a currency never changes\n", 'a currency that changes is refused');

# ---- what is refused, where -----------------------------------------------------------------------------------------------

$before = exported();
my $head = "features:\n  - {key: a, name: A}\n";
my $p = "plans:\n  - key: p\n    name: P\n    currency: USD\n    billing_cadence: P1M\n    phases:\n      - key: one\n        name: One\n        rate_cards:\n";
my $card = '          - {key: c, name: C, billing_cadence: P1M, price: {type: flat, amount: "1"}}' . "\n";
for (
    [ 'an empty file', '', '1:1: the file is empty' ],
    [ 'a list', "- a\n", '1:1: must be an object' ],
    [ 'a duplicate key', "${head}features: []\n", '3:1: the key "features" stands twice in one mapping' ],
    [ 'an anchor and its alias', "features: &a []\nplans: *a\n", '1:11: anchors are not taken', '2:8: aliases are not taken' ],
    [ 'a bomb', "a: &a [x, x]\nb: &b [*a, *a]\n", '1:4: anchors are not taken', '2:4: anchors are not taken', '2:8: aliases are not taken', '2:12: aliases are not taken' ],
    [ 'a tab', "features:\n\t- {key: a, name: A}\n", qr/^FILE:[23]:\d+: .*tab/ ],
    [ 'no UTF-8', "features:\n  - {key: a, name: \"\xff\"}\n", '2:21: this is not UTF-8' ],
    [ 'broken flow', "features: [\n", qr/^FILE:[12]:\d+: / ],
    [ 'a section that is not known', "${head}colours: []\n", '3:10: colours: is not a property of this object' ],
    [ 'a section that is no list', "features: 1\n", '1:11: features: must be a list' ],
    [ 'a key of a bad form', "features:\n  - {key: A-b, name: A}\n", qr/^FILE:2:11: features\[0\]\.key: / ],
    [ 'what is missing', "features:\n  - key: a\n", qr/^FILE:2:5: features\[0\]\.name: is a required field$/ ],
    [ 'what is not known', "features:\n  - key: a\n    name: A\n    colour: red\n", qr/^FILE:4:13: features\[0\]\.colour: / ],
    [ 'the same key again', "$head  - {key: a, name: B}\n", '3:11: features[1].key: is in the list already' ],
    [ 'a meter that is not there', "features:\n  - {key: m, name: M, meter: {key: none}}\n", '2:36: features[0].meter.key: there is no such meter' ],
    [ 'a filter on no dimension', "features:\n  - {key: m, name: M, meter: {key: calls, filters: {x: {eq: y}}}}\n", qr/^FILE:2:\d+: features\[0\]\.meter\.filters/ ],
    [ 'a feature that changes', "features:\n  - {key: calls, name: Other, meter: {key: calls}, unit_cost: {type: manual, amount: \"0.001\"}}\n", qr/^FILE:2:24: features\[0\]\.name: of a feature only unit_cost can change/ ],
    [ 'a tax code that is none', "tax_codes:\n  - {key: t, name: T, app_mappings: [{app_type: stripe, tax_code: x}]}\n", qr/^FILE:2:\d+: tax_codes\[0\]\.app_mappings\[0\]\.tax_code: / ],
    [ 'a default that is not there', "tax_defaults: {invoicing_tax_code: {key: no}, credit_grant_tax_code: {key: nontaxable}}\n", '1:42: tax_defaults.invoicing_tax_code.key: there is no such tax code' ],
    [ 'a feature of a card that is not there', $p . ($card =~ s/c, name: C/no, name: C, feature: {key: no}/r), qr/^FILE:10:\d+: plans\[0\]\.phases\[\?\(\@\.key=='one'\)\]\.rate_cards\[\?\(\@\.key=='no'\)\]/ ],
    [ 'a tax code of a card that is not there', $p . ($card =~ s/name: C/name: C, tax_config: {code: {key: no}}/r), '10:56: plans[0].phases[0].rate_cards[0].tax_config.code.key: there is no such tax code' ],
    [ 'a price that is none', $p . ($card =~ s/flat/round/r), qr/^FILE:10:\d+: plans\[0\]\.phases\[0\]\.rate_cards\[0\]\.price\.type: / ],
    [ 'an amount below zero', $p . ($card =~ s/"1"/-1/r), qr/^FILE:10:81: plans\[0\]\.phases\[0\]\.rate_cards\[0\]\.price\.amount: / ],
    [ 'an amount that is none', $p . ($card =~ s/"1"/1_000/r), qr/^FILE:10:81: plans\[0\]\.phases\[0\]\.rate_cards\[0\]\.price\.amount: / ],
    [ 'an add-on that is not there', "$p$card    addons:\n      - {addon: {key: no}, name: N, from_plan_phase: one}\n", '12:23: plans[0].addons[0].addon.key: there is no such active add-on' ],
    [ 'a phase twice', "$p$card      - {key: one, name: Again, rate_cards: []}\n", qr/^FILE:\d+:\d+: plans\[0\]\.phases/ ],
    [ 'a draft with a time', ($p =~ s/name: P\n/name: P\n    status: draft\n    effective_from: 2027-01-01T00:00:00Z\n/r) . $card, qr/^FILE:5:21: plans\[0\]\.effective_from: a draft has no time$/ ],
    [ 'all of it at once', "features:\n  - {key: b}\n  - {key: c, name: C, meter: {key: no}}\n" . $p . ($card =~ s/flat/round/r), qr/^FILE:2:5: .*\nFILE:3:36: .*\nFILE:13:\d+: plans.*\n\z/ ],
) {
    my ($name, $content, @wanted) = @$_;
    for my $action (qw(plan apply)) {
        my $result = catalog($action, $content);
        is($result->{code}, 1, "$name: $action is refused") or diag($result->{out});
        is($result->{out}, '', "$name: nothing is printed");
        if (ref $wanted[0]) {
            like($result->{err}, $wanted[0], "$name: says where");
        } else {
            is($result->{err}, join('', map { "FILE:$_\n" } @wanted), "$name: says where");
        }
    }
}
is(exported(), $before, 'nothing of what was refused was stored');

for (
    [ [ 'catalog', 'plan' ], 2, qr/wants --file/ ],
    [ [ 'catalog', 'plan', '-f', '/does/not/exist' ], 5, qr/cannot be read/ ],
    [ [ 'catalog', 'burn' ], 2, qr/wants export, plan, apply or schema/ ],
    [ [ 'catalog', 'plan', '-x', 'y' ], 2, qr/unknown option -x/ ],
    [ [ 'catalog', 'plan', '-f' ], 2, qr/--file needs a value/ ],
) {
    my ($words, $code, $says) = @$_;
    my $result = $server->run($words);
    is($result->{code}, $code, "@$words: exit code");
    like($result->{err}, $says, "@$words: says why");
}

$server->stop;
done_testing;
