/* catalog_print.c: differences, changes and money for people; faults with line and column. */
#include "cli/catalog.h"

#include <stdlib.h>

#include "cli/output.h"

/* ---- faults -------------------------------------------------------------------------------- */

struct placed {
    struct yaml_mark mark;
    text place, reason;
    size_t index;
};

static int placed_order(const void *left, const void *right)
{
    const struct placed *a = left;
    const struct placed *b = right;

    if (a->mark.line != b->mark.line)
        return a->mark.line < b->mark.line ? -1 : 1;
    if (a->mark.column != b->mark.column)
        return a->mark.column < b->mark.column ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/* The place in the file: without the member that the request has around it. */
static text place_in_file(text place)
{
    static const text prefix = TEXT_INIT("document");

    if (text_starts_with(place, prefix))
        place = text_slice(place, prefix.len, place.len);
    if (text_starts_with(place, TEXT(".")))
        place = text_slice(place, 1, place.len);
    return place;
}

void catalog_print_faults(const struct catalog_file *file, const struct remote_problem *problem,
                          FILE *out)
{
    struct placed *all = calloc(problem->count, sizeof *all);

    MUST(all != NULL);
    for (size_t i = 0; i < problem->count; i++) {
        text place = place_in_file(problem->fields[i].field);

        all[i] = (struct placed){ yaml_find(&file->root, place)->mark, place,
                                  problem->fields[i].reason, i };
    }
    qsort(all, problem->count, sizeof *all, placed_order);
    for (size_t i = 0; i < problem->count; i++)
        fprintf(out, "%.*s:%lld:%lld: %.*s%s%.*s\n", TEXT_ARG(file->name),
                (long long)all[i].mark.line, (long long)all[i].mark.column, TEXT_ARG(all[i].place),
                text_is_empty(all[i].place) ? "" : ": ", TEXT_ARG(all[i].reason));
    free(all);
}

/* ---- differences --------------------------------------------------------------------------- */

static text member(const struct json *object, const char *key)
{
    const struct json *found = json_member(object, text_of(key));

    if (!found || found->kind == JSON_NULL)
        return TEXT_NONE;
    return found->kind == JSON_TEXT ? found->text : found->raw;
}

static text raw(const struct json *object, const char *key)
{
    const struct json *found = json_member(object, text_of(key));

    return found ? found->raw : TEXT_NONE;
}

static size_t count_of(const struct json *list)
{
    return list ? list->count : 0;
}

static void print_difference(const struct json *one, FILE *out)
{
    text kind = member(one, "kind");
    text path = member(one, "path");

    if (text_equal(kind, TEXT("added")))
        fprintf(out, "+ %.*s: %.*s\n", TEXT_ARG(path), TEXT_ARG(raw(one, "after")));
    else if (text_equal(kind, TEXT("removed")))
        fprintf(out, "- %.*s: %.*s\n", TEXT_ARG(path), TEXT_ARG(raw(one, "before")));
    else
        fprintf(out, "~ %.*s: %.*s -> %.*s\n", TEXT_ARG(path), TEXT_ARG(raw(one, "before")),
                TEXT_ARG(raw(one, "after")));
}

static void print_changes(const struct json *changes, struct arena *arena, FILE *out)
{
    static const char *const columns[] = { "action", "what", "key", "version", NULL };
    static const bool is_number[] = { false, false, false, true };
    struct table table = table_new(arena, columns, is_number);

    for (size_t i = 0; i < count_of(changes); i++) {
        for (size_t c = 0; columns[c]; c++) {
            text cell = member(&changes->items[i], c == 1 ? "type" : columns[c]);

            table_add(&table, cell.ptr ? cell : TEXT("-"));
        }
    }
    table_print(&table, TEXT("table"), out);
}

/* ---- money --------------------------------------------------------------------------------- */

static text day(text time)
{
    return text_slice(time, 0, 10);
}

static text signed_amount(struct arena *arena, text amount)
{
    bool has_sign = text_starts_with(amount, TEXT("-"));

    return text_format(arena, "%s%.*s", has_sign ? "" : "+", TEXT_ARG(amount));
}

static text who(const struct json *impact)
{
    text key = member(impact, "customer_key");

    return key.ptr ? key : member(impact, "customer_id");
}

static void add_impact(struct table *table, const struct json *impact, const struct json *line)
{
    struct arena *arena = table->arena;
    const struct json *period = json_member(impact, TEXT("period"));
    text before = member(line, "before"), after = member(line, "after");

    table_add(table, who(impact));
    table_add(table, text_format(arena, "%.*s %.*s -> %.*s", TEXT_ARG(member(impact, "plan_key")),
                                 TEXT_ARG(member(impact, "plan_version")),
                                 TEXT_ARG(member(impact, "new_version"))));
    table_add(table, text_format(arena, "%.*s - %.*s", TEXT_ARG(day(member(period, "from"))),
                                 TEXT_ARG(day(member(period, "to")))));
    table_add(table, member(line, "key"));
    table_add(table, before.ptr ? before : TEXT("-"));
    table_add(table, after.ptr ? after : TEXT("-"));
    table_add(table, signed_amount(arena, member(line, "change")));
    table_add(table, member(impact, "currency"));
}

/* Sums of the changes, one for each currency, in the order in which they come. */
struct total {
    text currency;
    dec change;
};

static void total_add(struct total *totals, size_t *count, const struct json *impact)
{
    text currency = member(impact, "currency");
    size_t i = 0;
    dec change;

    if (!dec_parse(member(impact, "change"), &change))
        return;
    while (i < *count && !text_equal(totals[i].currency, currency))
        i++;
    if (i == *count)
        totals[(*count)++] = (struct total){ currency, DEC_ZERO };
    totals[i].change = dec_add(totals[i].change, change);
}

static void print_totals(const struct json *impacts, struct arena *arena, FILE *out)
{
    struct total *totals = ARENA_ARRAY(arena, struct total, impacts->count);
    size_t count = 0;

    for (size_t i = 0; i < impacts->count; i++)
        total_add(totals, &count, &impacts->items[i]);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "Together  %.*s %.*s\n",
                TEXT_ARG(signed_amount(arena, dec_text(arena, totals[i].change))),
                TEXT_ARG(totals[i].currency));
}

static void print_impacts(const struct json *impacts, struct arena *arena, FILE *out)
{
    static const char *const columns[] = { "customer", "plan",   "period",   "rate card", "before",
                                           "after",    "change", "currency", NULL };
    static const bool is_number[] = { false, false, false, false, true, true, true, false };
    struct table table = table_new(arena, columns, is_number);

    fprintf(out,
            "\nSubscriptions keep the version that they are on until they are moved. Moved now,"
            "\nthe charges of their open periods, with the usage so far, would change:\n\n");
    for (size_t i = 0; i < impacts->count; i++) {
        const struct json *lines = json_member(&impacts->items[i], TEXT("lines"));

        for (size_t k = 0; k < count_of(lines); k++)
            add_impact(&table, &impacts->items[i], &lines->items[k]);
    }
    if (table.count > 0) {
        table_print(&table, TEXT("table"), out);
        fputc('\n', out);
    }
    for (size_t i = 0; i < impacts->count; i++) {
        text trouble = member(&impacts->items[i], "trouble");

        if (trouble.ptr)
            fprintf(out, "%.*s: cannot be told: %.*s\n", TEXT_ARG(who(&impacts->items[i])),
                    TEXT_ARG(trouble));
    }
    print_totals(impacts, arena, out);
}

/* ---- answers ------------------------------------------------------------------------------- */

void catalog_print_plan(const struct json *answer, struct arena *arena, FILE *out)
{
    const struct json *differences = json_member(answer, TEXT("differences"));
    const struct json *changes = json_member(answer, TEXT("changes"));
    const struct json *impacts = json_member(answer, TEXT("impact"));

    if (count_of(changes) == 0) {
        fputs("No difference.\n", out);
        return;
    }
    for (size_t i = 0; i < count_of(differences); i++)
        print_difference(&differences->items[i], out);
    fputc('\n', out);
    print_changes(changes, arena, out);
    if (count_of(impacts) > 0)
        print_impacts(impacts, arena, out);
}

void catalog_print_applied(const struct json *answer, struct arena *arena, FILE *out)
{
    const struct json *changes = json_member(answer, TEXT("changes"));

    if (count_of(changes) == 0)
        fputs("No difference: nothing was done.\n", out);
    else
        print_changes(changes, arena, out);
}
