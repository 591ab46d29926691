/* Numbers of invoices (the contract's 8.11). */
#include "bill/invoice.h"
#include "bill/invoice_rate.h"
#include "lib/table.h"
#include "lib/tap.h"

static void test_letters(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/bill/letters.vec", 2);
    while (table_next(&t))
        IS_TEXT(invoice_number_letters(arena, t.cells[0]), text_cstr(arena, t.cells[1]),
                text_cstr(arena, t.cells[0]));
    table_close(&t);
    IS_TEXT(invoice_number_letters(arena, TEXT("")), "UNKN", "an empty name");
    IS_TEXT(invoice_number_letters(arena, TEXT("\xE6\xA0\xAA\xE5\xBC\x8F")), "ZHSH",
            "letters of other scripts are spelled in ours");
    struct buffer longest = { .arena = arena };
    for (int i = 0; i < 300; i++)
        buffer_add(&longest, TEXT("\xC5\x90"));
    IS_TEXT(invoice_number_letters(arena, buffer_text(&longest)), "OOOO",
            "a long name, cut inside a letter");
}

static void test_gathering(struct arena *arena)
{
    IS_TEXT(invoice_number_gathering(arena, TEXT("Test Customer"), TEXT("USD"), 1),
            "GATHER-TECU-USD-1", "I7: the gathering invoice");
    IS_TEXT(invoice_number_gathering(arena, TEXT("!"), TEXT("JPY"), 1234567),
            "GATHER-UNKN-JPY-1234567", "a large number");
}

static void test_detail_id(struct arena *arena)
{
    struct line_id line = { { { 1, 2, 3, 4, 5, 6, 7 } } };
    struct line_id other = { { { 1, 2, 3, 4, 5, 6, 8 } } };
    struct detail_id one = detail_id_of(line, TEXT("flat-price"), arena);
    struct detail_id same = detail_id_of(line, TEXT("flat-price"), arena);
    struct detail_id child = detail_id_of(line, TEXT("unit-price-usage"), arena);
    struct detail_id moved = detail_id_of(other, TEXT("flat-price"), arena);
    OK(ulid_equal(one.ulid, same.ulid), "the id of a detail is the same each time");
    OK(!ulid_equal(one.ulid, child.ulid), "another detail has another");
    OK(!ulid_equal(one.ulid, moved.ulid), "that of another line too");
    OK(memcmp(one.ulid.bytes, line.ulid.bytes, 6) == 0, "it is as old as its line");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_letters(arena);
    test_gathering(arena);
    test_detail_id(arena);
    return tap_end();
}
