/* test_meter_flow.c: the commands on meters, in a store. */
#include "meter/meter_flow.h"
#include "meter/meter_rows.h"
#include "unit/meter/events.h"

static struct meter wanted_new(struct fixture *f, const char *key, const char *name)
{
    struct text_pair *pair = ARENA_NEW(f->cx.arena, struct text_pair);
    *pair = (struct text_pair){ TEXT("model"), TEXT("$.model") };
    return (struct meter){
        .key = text_of(key),
        .name = text_of(name),
        .description = TEXT("for tests"),
        .aggregation = METER_SUM,
        .event_type = TEXT("prompt"),
        .events_from = fixture_instant("2025-01-01T00:00:00.5Z"),
        .value_property = TEXT("$.tokens"),
        .dimensions = { pair, 1 },
        .labels = { pair, 1 },
    };
}

static struct meter create(struct fixture *f, const char *key, const char *name)
{
    struct meter wanted = wanted_new(f, key, name);
    struct meter made = { 0 };
    OK(meter_create(&f->cx, &wanted, &made) == OK, "meter %s is made", key);
    return made;
}

static void test_create(struct fixture *f)
{
    struct meter made = create(f, "tokens", "Tokens");
    struct meter found;
    OK(meter_get(&f->cx, TEXT("tokens"), &found) == OK, "1.1: found by key");
    OK(ulid_equal(found.id.ulid, made.id.ulid) && found.aggregation == METER_SUM &&
           text_equal(found.value_property, TEXT("$.tokens")) &&
           text_equal(found.description, TEXT("for tests")) &&
           instant_equal(found.events_from, made.events_from) && found.dimensions.count == 1 &&
           text_equal(found.dimensions.items[0].value, TEXT("$.model")) &&
           found.labels.count == 1 && instant_equal(found.created_at, f->cx.now) &&
           instant_is_none(found.deleted_at),
       "every member survives the store");
    OK(meter_get(&f->cx, ulid_text(f->cx.arena, made.id.ulid), &found) == OK, "1.1: found by id");
    OK(meter_get(&f->cx, TEXT("none"), &found) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_METER_ABSENT,
       "4.1: an unknown meter");
    fixture_forget(f);
    struct meter wanted = wanted_new(f, "tokens", "Other");
    OK(meter_create(&f->cx, &wanted, &found) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_METER_KEY_TAKEN &&
           text_equal(f->cx.problem.conflicting_id, ulid_text(f->cx.arena, made.id.ulid)),
       "4.1: a key is unique, and the other meter is named");
    fixture_forget(f);
}

static void test_update(struct fixture *f)
{
    struct meter found;
    struct text_pair pair = { TEXT("subject"), TEXT("$.s") };
    struct meter_change change = { .name = TEXT("New"), .has_name = true };
    fixture_at(f, "2025-07-01T00:00:00Z");
    OK(meter_update(&f->cx, TEXT("tokens"), &change, DIALECT_V3, &found) == OK &&
           meter_get(&f->cx, TEXT("tokens"), &found) == OK && text_equal(found.name, TEXT("New")) &&
           found.dimensions.count == 1 && instant_equal(found.updated_at, f->cx.now) &&
           instant_before(found.created_at, found.updated_at),
       "4.1: the name is changed, the rest kept");
    change = (struct meter_change){ .dimensions = { &pair, 1 }, .has_dimensions = true };
    OK(meter_update(&f->cx, TEXT("tokens"), &change, DIALECT_V1, &found) == ERR_REFUSED &&
           text_equal(f->cx.problem.fields[0].field, TEXT("groupBy.subject")),
       "4.1: the rules hold for updates");
    fixture_forget(f);
    OK(meter_get(&f->cx, TEXT("tokens"), &found) == OK &&
           text_equal(found.dimensions.items[0].key, TEXT("model")),
       "4.1: a refused update changes nothing");
}

static void test_delete(struct fixture *f)
{
    struct meter found;
    struct meter old;
    MUST(meter_get(&f->cx, TEXT("tokens"), &old) == OK);
    OK(meter_delete(&f->cx, TEXT("tokens")) == OK, "a meter is deleted");
    OK(meter_get(&f->cx, ulid_text(f->cx.arena, old.id.ulid), &found) == ERR_REFUSED,
       "4.1: it is no longer found");
    fixture_forget(f);
    OK(meter_delete(&f->cx, TEXT("tokens")) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_METER_ABSENT,
       "4.1: nor deleted again");
    fixture_forget(f);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    MUST(store_begin_read(f->cx.store, &tx) == OK);
    OK(meter_load(tx, f->cx.org, old.id, f->cx.arena, &found) == OK &&
           !instant_is_none(found.deleted_at),
       "1.1: the row stays, for invoices");
    store_rollback(tx);
    tx = NULL;
    struct meter again = create(f, "tokens", "Again");
    OK(!ulid_equal(again.id.ulid, old.id.ulid), "4.1: its key is free again");
}

static struct meter_list list(struct fixture *f, const struct meter_list_query *query)
{
    struct meter_list found = { 0 };
    MUST(meter_list(&f->cx, query, &found) == OK);
    return found;
}

static void test_list(struct fixture *f)
{
    (void)create(f, "alpha", "Zulu");
    (void)create(f, "beta", "Yankee");
    struct meter_list_query query = { 0 };
    struct meter_list all = list(f, &query);
    OK(all.count == 3 && all.total == 3 && text_equal(all.items[0].key, TEXT("tokens")),
       "oldest first, without deleted ones");
    query.has_deleted = true;
    OK(list(f, &query).count == 4, "1.1: deleted ones when asked for");
    query = (struct meter_list_query){ .sort = METER_SORT_NAME, .is_descending = true };
    all = list(f, &query);
    OK(text_equal(all.items[0].key, TEXT("alpha")) && text_equal(all.items[2].key, TEXT("tokens")),
       "1.5: sorted by name, descending");
    query = (struct meter_list_query){ .sort = METER_SORT_KEY, .page = { 2, 2 } };
    all = list(f, &query);
    OK(all.count == 1 && all.total == 3 && text_equal(all.items[0].key, TEXT("tokens")),
       "1.4: the second page");
    query.page.number = 3;
    OK(list(f, &query).count == 0, "1.4: a page behind the last is empty");
    struct filter filter = { .op = FILTER_CONTAINS, .value = TEXT("ET") };
    query = (struct meter_list_query){ .key = &filter };
    all = list(f, &query);
    OK(all.total == 1 && text_equal(all.items[0].key, TEXT("beta")), "1.6: filtered by key");
}

static void test_tenants(struct fixture *f)
{
    struct meter found;
    struct org_id own = f->cx.org;
    f->cx.org.ulid = cx_ulid(&f->cx);
    struct meter_list_query query = { 0 };
    OK(meter_get(&f->cx, TEXT("alpha"), &found) == ERR_REFUSED && list(f, &query).total == 0,
       "another organization sees none of them");
    fixture_forget(f);
    f->cx.org = own;
}

int main(void)
{
    struct fixture f;
    fixture_open(&f, "2025-06-15T12:00:00Z");
    test_create(&f);
    test_update(&f);
    test_delete(&f);
    test_list(&f);
    test_tenants(&f);
    fixture_close(&f);
    return tap_end();
}
