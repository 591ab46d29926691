/* app.c: the listings, and what follows from them. */
#include "bill/app.h"

#define CAPABILITY(what, of, as, about)                                                            \
    {                                                                                              \
        .task = (what), .key = TEXT_INIT(of), .name = TEXT_INIT(as),                               \
        .description = TEXT_INIT(about)                                                            \
    }

static struct app_capability sandbox_capabilities[] = {
    CAPABILITY(APP_CALCULATE_TAX, "sandbox_calculate_tax", "Taxes",
               "Leaves the taxes of an invoice as they are."),
    CAPABILITY(APP_INVOICE_CUSTOMERS, "sandbox_invoice_customer", "Invoicing",
               "Numbers invoices and sends them nowhere."),
    CAPABILITY(APP_COLLECT_PAYMENTS, "sandbox_collect_payment", "Payments",
               "Plays the payment of an invoice, well or badly as told."),
};

static struct app_capability external_capabilities[] = {
    CAPABILITY(APP_CALCULATE_TAX, "custom_invoicing_calculate_tax", "Taxes",
               "Leaves the taxes of an invoice to your program."),
    CAPABILITY(APP_INVOICE_CUSTOMERS, "custom_invoicing_invoice_customer", "Invoicing",
               "Lets your program number and send invoices."),
    CAPABILITY(APP_COLLECT_PAYMENTS, "custom_invoicing_collect_payment", "Payments",
               "Lets your program report what becomes of payments."),
};

static text methods[] = { TEXT_INIT("no_credentials_required") };

static const struct app_listing listings[APP_TYPE_COUNT] = {
    [APP_SANDBOX] = { .type = APP_SANDBOX,
                      .name = TEXT_INIT("Sandbox"),
                      .description = TEXT_INIT("Invoices without any effect outside, to try things "
                                               "out; payments come out as you choose."),
                      .capabilities = { sandbox_capabilities, COUNT_OF(sandbox_capabilities) },
                      .install_methods = { methods, COUNT_OF(methods) } },
    [APP_EXTERNAL_INVOICING] = { .type = APP_EXTERNAL_INVOICING,
                                 .name = TEXT_INIT("Custom Invoicing"),
                                 .description = TEXT_INIT("Invoicing and payments by a program of "
                                                          "yours, which reports back."),
                                 .capabilities = { external_capabilities,
                                                   COUNT_OF(external_capabilities) },
                                 .install_methods = { methods, COUNT_OF(methods) } },
};

const struct app_listing *app_listing_of(enum app_type type)
{
    CHECK((unsigned)type < APP_TYPE_COUNT);
    return &listings[type];
}

bool app_can(enum app_type type, enum app_task task)
{
    CHECK((unsigned)task < APP_TASK_COUNT);
    const struct list *capabilities = &app_listing_of(type)->capabilities;
    const struct app_capability *items = capabilities->items;
    for (size_t i = 0; i < capabilities->count; i++)
        if (items[i].task == task)
            return true;
    return false;
}

/* ---- test cards ---------------------------------------------------------------------------- */

static const struct {
    text number;
    text outcome;
} cards[] = {
    { TEXT_INIT("4242424242424242"), TEXT_INIT("paid") },
    { TEXT_INIT("5555555555554444"), TEXT_INIT("paid") },
    { TEXT_INIT("4000000000000002"), TEXT_INIT("failed") }, /* declined */
    { TEXT_INIT("4000000000009995"), TEXT_INIT("failed") }, /* insufficient funds */
    { TEXT_INIT("4000000000000341"), TEXT_INIT("failed") }, /* attaches, fails to charge */
    { TEXT_INIT("4000002500003155"), TEXT_INIT("action_required") },
    { TEXT_INIT("4000000000000259"), TEXT_INIT("disputed") },
    { TEXT_INIT("4000000000000069"), TEXT_INIT("uncollectible") }, /* expired */
};

text app_test_card_outcome(text number)
{
    char digits[32];
    size_t count = 0;
    for (size_t i = 0; i < number.len; i++) {
        if (number.ptr[i] == ' ' || number.ptr[i] == '-')
            continue;
        if (count == sizeof digits)
            return TEXT_NONE;
        digits[count++] = number.ptr[i];
    }
    for (size_t i = 0; i < COUNT_OF(cards); i++)
        if (text_equal(cards[i].number, (text){ digits, count }))
            return cards[i].outcome;
    return TEXT_NONE;
}

/* ---- customer data as v3 has it ------------------------------------------------------------ */

struct app_data_set app_data_set_of(const struct list *items)
{
    CHECK(items != NULL);
    const struct customer_app_data *data = items->items;
    struct app_data_set set = { .sandbox = { TEXT_NONE } };
    for (size_t i = 0; i < items->count; i++) {
        if (data[i].type == APP_EXTERNAL_INVOICING && !set.has_external_invoicing) {
            set.has_external_invoicing = true;
            set.external_invoicing.labels = data[i].labels;
        }
        if (data[i].type == APP_SANDBOX && !set.has_sandbox) {
            set.has_sandbox = true;
            set.sandbox.test_card = data[i].test_card;
        }
    }
    return set;
}

struct list app_data_items_of(const struct app_data_set *set, text place, struct arena *arena)
{
    CHECK(set != NULL);
    struct customer_app_data *items = ARENA_ARRAY(arena, struct customer_app_data, APP_TYPE_COUNT);
    size_t count = 0;
    if (set->has_external_invoicing) {
        items[count].type = APP_EXTERNAL_INVOICING;
        items[count].place = text_format(arena, "%.*sexternal_invoicing", TEXT_ARG(place));
        items[count++].labels = set->external_invoicing.labels;
    }
    if (set->has_sandbox) {
        items[count].type = APP_SANDBOX;
        items[count].place = text_format(arena, "%.*ssandbox", TEXT_ARG(place));
        items[count++].test_card = set->sandbox.test_card;
    }
    return (struct list){ items, count };
}
