/* Headers of tar archives: what is printed is read back, and what is none is told. */
#include "cli/tar.h"

#include "lib/tap.h"

static void test_round_trip(void)
{
    static const struct {
        const char *name;
        uint64_t size;
    } rows[] = {
        { "a", 0 },
        { "usage/00000001.sealed", 511 },
        { "backup.json", 512 },
        { "just.what.digits.hold", 077777777777ULL },
        { "one.more", 077777777777ULL + 1 },
        { "terabytes", 1ULL << 43 },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char block[TAR_BLOCK_BYTES];
        struct tar_entry entry;

        tar_print_header(text_of(rows[i].name), rows[i].size, (instant){ NS_PER_SECOND }, block);
        OK(tar_read_header(block, &entry) == TAR_FILE && entry.size == rows[i].size &&
               strcmp(entry.name, rows[i].name) == 0,
           "%s of %llu bytes", rows[i].name, (unsigned long long)rows[i].size);
    }
}

/* Makes the block's sum right again. */
static void mend(char block[TAR_BLOCK_BYTES])
{
    unsigned sum = 0;

    memset(block + 148, ' ', 8);
    for (size_t i = 0; i < TAR_BLOCK_BYTES; i++)
        sum += (unsigned char)block[i];
    snprintf(block + 148, 8, "%06o", sum);
}

static void test_forms(void)
{
    char block[TAR_BLOCK_BYTES];
    struct tar_entry entry;
    bool is_found = true;

    memset(block, 0, sizeof block);
    OK(tar_read_header(block, &entry) == TAR_END, "zeros are the end");
    tar_print_header(TEXT("./a/b"), 7, (instant){ 0 }, block);
    OK(tar_read_header(block, &entry) == TAR_FILE && strcmp(entry.name, "a/b") == 0,
       "a leading ./ is no part of the name");
    block[156] = '5';
    mend(block);
    OK(tar_read_header(block, &entry) == TAR_OTHER, "a directory is no file");
    block[156] = '\0';
    memcpy(block + 345, "some/where", 10);
    mend(block);
    OK(tar_read_header(block, &entry) == TAR_FILE && strcmp(entry.name, "some/where/./a/b") == 0,
       "a name in two parts");
    memcpy(block + 124, "        17 ", 11);
    mend(block);
    OK(tar_read_header(block, &entry) == TAR_FILE && entry.size == 15, "blanks before digits");
    memcpy(block + 124, "0000000001x", 11);
    mend(block);
    OK(tar_read_header(block, &entry) == TAR_BROKEN, "a size that is none");
    tar_print_header(TEXT("a"), 1, (instant){ 0 }, block);
    for (size_t i = 0; i < TAR_BLOCK_BYTES; i++) {
        block[i] = (char)(block[i] ^ 1);
        /* The last byte of the sum means nothing. */
        is_found &= i == 155 || tar_read_header(block, &entry) == TAR_BROKEN;
        block[i] = (char)(block[i] ^ 1);
    }
    OK(is_found, "one bit anywhere is found");
    OK(tar_padding(0) == 0 && tar_padding(1) == 511 && tar_padding(512) == 0 &&
           tar_padding(513) == 511,
       "files are filled up to blocks");
}

int main(void)
{
    test_round_trip();
    test_forms();
    return tap_end();
}
