/* Plans with two phases, and what else happens to subjects and features while a line is pending. */
#include "lib/due.h"
#include "lib/shop.h"
#include "lib/tap.h"

static const struct invoice *invoice_of(struct fixture *f, const char *customer)
{
    struct list invoices;
    fixture_forget(f);
    MUST(invoice_preview(&f->cx, text_of(customer), &invoices) == OK);
    MUST(invoices.count == 1);
    return invoices.items;
}

static const struct invoice_line *line_at(const struct invoice *invoice, size_t i)
{
    MUST(i < invoice->lines.count);
    return (const struct invoice_line *)invoice->lines.items + i;
}

static struct subscription subscribe(struct fixture *f, const char *body)
{
    struct subscription_body input;
    struct subscription made;
    shop_read(f, &subscription_body_v3_fields, text_of(body), &input);
    MUST(bill_subscription_create(&f->cx, &input, &made) == OK);
    return made;
}

/* Does what falls due up to `to`, each at its time. */
static void run_to(struct fixture *f, const char *to)
{
    instant end = fixture_instant(to);
    struct due_row row;
    instant next;
    for (;;) {
        MUST(due_next_at(f->cx.store, &next) == OK);
        if (instant_is_none(next) || instant_before(end, next))
            break;
        clock_set(&f->clock, next);
        f->cx.now = clock_now(&f->clock);
        MUST(due_next(f->cx.store, f->cx.now, f->cx.arena, &row) == OK);
        (void)due_run_lines_only(f, &row);
    }
    fixture_at(f, to);
}

#define FEE(key, term)                                                                             \
    "{\"key\":\"" key "\",\"name\":\"" key                                                         \
    "\",\"billing_cadence\":\"P1M\",\"payment_term\":\"" term                                      \
    "\",\"price\":{\"type\":\"flat\",\"amount\":\"5\"}}"

static text two_phases(struct fixture *f, const struct feature *feature)
{
    text unit = shop_unit_card(f, feature, "10");
    return text_format(f->cx.arena,
                       "{\"key\":\"phased\",\"name\":\"Phased\",\"currency\":\"USD\","
                       "\"billing_cadence\":\"P1M\",\"phases\":["
                       "{\"key\":\"trial\",\"name\":\"Trial\",\"duration\":\"P2W\","
                       "\"rate_cards\":[%s,%s,%.*s]},"
                       "{\"key\":\"main\",\"name\":\"Main\",\"rate_cards\":[%s,%s,%.*s]}]}",
                       FEE("ahead", "in_advance"), FEE("behind", "in_arrears"), TEXT_ARG(unit),
                       FEE("ahead", "in_advance"), FEE("behind", "in_arrears"), TEXT_ARG(unit));
}

struct line_row {
    const char *name;
    const char *from;
    const char *to;
    const char *total;
};

static void lines_are(struct fixture *f, const struct invoice *invoice,
                      const struct line_row *wanted, size_t count, const char *rule)
{
    OK(invoice->lines.count == count, "%s: %zu lines", rule, invoice->lines.count);
    for (size_t i = 0; i < count && i < invoice->lines.count; i++) {
        const struct invoice_line *line = line_at(invoice, i);
        bool is_same =
            text_equal(line->name, text_of(wanted[i].name)) &&
            instant_equal(line->service_period.from, fixture_instant(wanted[i].from)) &&
            instant_equal(line->service_period.to, fixture_instant(wanted[i].to)) &&
            text_equal(dec_text(f->cx.arena, line->totals.total), text_of(wanted[i].total));
        OK(is_same, "%s: %s from %s", rule, wanted[i].name, wanted[i].from);
    }
}

/* S7: two weeks, then without end; January 2024; cancelled for 1 March. */
static void test_two_phases(struct fixture *f, const struct feature *feature)
{
    static const struct line_row begin[] = {
        { "Runs", "2024-01-01T00:00:00Z", "2024-01-15T00:00:00Z", "10.00" },
        { "ahead", "2024-01-01T00:00:00Z", "2024-01-15T00:00:00Z", "2.26" },
        { "ahead", "2024-01-15T00:00:00Z", "2024-02-01T00:00:00Z", "2.74" },
        { "behind", "2024-01-01T00:00:00Z", "2024-01-15T00:00:00Z", "2.26" },
    };
    static const struct line_row end[] = {
        { "Runs", "2024-01-01T00:00:00Z", "2024-01-15T00:00:00Z", "10.00" },
        { "Runs", "2024-01-15T00:00:00Z", "2024-02-01T00:00:00Z", "20.00" },
        { "Runs", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z", "0.00" },
        { "ahead", "2024-01-01T00:00:00Z", "2024-01-15T00:00:00Z", "2.26" },
        { "ahead", "2024-01-15T00:00:00Z", "2024-02-01T00:00:00Z", "2.74" },
        { "ahead", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z", "5.00" },
        { "behind", "2024-01-01T00:00:00Z", "2024-01-15T00:00:00Z", "2.26" },
        { "behind", "2024-01-15T00:00:00Z", "2024-02-01T00:00:00Z", "2.74" },
        { "behind", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z", "5.00" },
    };
    struct subscription changed;
    shop_plan(f, two_phases(f, feature));
    shop_customer(f, "phased", "Phased");
    struct subscription one =
        subscribe(f, "{\"customer\":{\"key\":\"phased\"},\"plan\":{\"key\":\"phased\"}}");
    OK(one.phases.count == 2 && instant_equal(subscription_phase_at(&one, 1)->active_from,
                                              fixture_instant("2024-01-15T00:00:00Z")),
       "R92: the plan's durations become instants");
    shop_send(f, (struct shop_event){ "p1", "run", "phased", "2024-01-14T23:59:59Z", "{}" });
    shop_send(f, (struct shop_event){ "p2", "run", "phased", "2024-01-15T00:00:00Z", "{}" });
    shop_send(f, (struct shop_event){ "p3", "run", "phased", "2024-01-31T00:00:00Z", "{}" });
    lines_are(f, invoice_of(f, "phased"), begin, COUNT_OF(begin), "S7 begins");
    run_to(f, "2024-02-10T00:00:00Z");
    MUST(bill_subscription_cancel(
             &f->cx, &(struct subscription_target){ ulid_text(f->cx.arena, one.id.ulid), 0 },
             TEXT("2024-03-01T00:00:00Z"), &changed) == OK);
    run_to(f, "2024-05-01T00:00:00Z");
    lines_are(f, invoice_of(f, "phased"), end, COUNT_OF(end), "S7 ends");
}

/* A feature that is archived is still billed to who has it. */
static void test_archived_feature(struct fixture *f, const struct feature *feature)
{
    shop_simple_plan(f, "keeps", "USD", shop_unit_card(f, feature, "1"));
    shop_customer(f, "keeper", "Keeper");
    subscribe(f, "{\"customer\":{\"key\":\"keeper\"},\"plan\":{\"key\":\"keeps\"}}");
    MUST(feature_archive(&f->cx, feature->id) == OK);
    shop_send(f, (struct shop_event){ "k1", "run", "keeper", "2024-05-02T00:00:00Z", "{}" });
    IS_TEXT(dec_text(f->cx.arena, invoice_of(f, "keeper")->totals.total), "1.00",
            "an archived feature is still metered");
    OK(invoice_of(f, "keeper")->issues.count == 0, "without an issue");
}

static void subjects_set(struct fixture *f, const char *customer, text *subjects, size_t count)
{
    struct customer body = { .key = text_of(customer), .name = text_of(customer) };
    struct customer changed;
    struct customer_change change = { .body = &body };
    body.has_usage_attribution = true;
    body.usage_attribution.subject_keys = (struct text_list){ subjects, count };
    fixture_forget(f);
    MUST(customer_update(&f->cx, text_of(customer), &change, &changed) == OK);
}

/* Each subject counts in the time in which it is the customer's, whatever the aggregation. */
static void test_unique_and_moved(struct fixture *f)
{
    text roamer = TEXT("roamer");
    shop_meter(f, "{\"key\":\"users\",\"name\":\"Users\",\"event_type\":\"login\","
                  "\"aggregation\":\"unique_count\",\"value_property\":\"$.user\"}");
    struct feature users = shop_feature(f, "users", "{\"key\":\"users\",\"name\":\"Users\"}");
    shop_simple_plan(f, "per_user", "USD", shop_unit_card(f, &users, "1"));
    shop_customer(f, "host", "Host");
    subscribe(f, "{\"customer\":{\"key\":\"host\"},\"plan\":{\"key\":\"per_user\"}}");
    shop_send(f, (struct shop_event){ "h1", "login", "host", "2024-05-02T00:00:00Z",
                                      "{\"user\":\"ann\"}" });
    shop_send(f, (struct shop_event){ "h2", "login", "roamer", "2024-05-02T00:00:00Z",
                                      "{\"user\":\"ann\"}" });
    IS_TEXT(dec_text(f->cx.arena, invoice_of(f, "host")->totals.total), "1.00", "one user");
    subjects_set(f, "host", &roamer, 1);
    shop_send(f, (struct shop_event){ "h3", "login", "roamer", "2024-05-03T00:00:00Z",
                                      "{\"user\":\"bob\"}" });
    IS_TEXT(dec_text(f->cx.arena, invoice_of(f, "host")->totals.total), "2.00",
            "two subjects together have two users: ann counts once");
    run_to(f, "2024-05-10T00:00:00Z");
    subjects_set(f, "host", NULL, 0);
    const struct invoice *invoice = invoice_of(f, "host");
    OK(invoice->issues.count == 0, "a subject that leaves within the period is no issue");
    IS_TEXT(dec_text(f->cx.arena, invoice->totals.total), "2.00",
            "what it did before it left still counts");
    shop_send(f, (struct shop_event){ "h4", "login", "roamer", "2024-05-11T00:00:00Z",
                                      "{\"user\":\"cid\"}" });
    IS_TEXT(dec_text(f->cx.arena, invoice_of(f, "host")->totals.total), "2.00",
            "what it did afterwards does not");
}

int main(void)
{
    struct fixture f;
    fixture_open(&f, "2024-01-01T00:00:00Z");
    shop_meter(&f, "{\"key\":\"runs\",\"name\":\"Runs\",\"event_type\":\"run\","
                   "\"aggregation\":\"count\"}");
    struct feature feature = shop_feature(&f, "runs", "{\"key\":\"runs\",\"name\":\"Runs\"}");
    test_two_phases(&f, &feature);
    test_archived_feature(&f, &feature);
    test_unique_and_moved(&f);
    fixture_close(&f);
    return tap_end();
}
