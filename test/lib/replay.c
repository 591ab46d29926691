/* replay.c: makes an ordinary test of a fuzz target: what its corpus holds, in turn, and the empty
 * input first. A target stops the process when it finds something wrong, so a test that is the last
 * line printed names the input at fault.
 *
 * The target fuzz_x has its corpus in test/corpus/x.
 */
#include <dirent.h>
#include <stdlib.h>

#include "lib/tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy in memory of exactly its size, so that the sanitizers see a read past the end. */
static void replay(const char *name, const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    MUST(copy != NULL);
    for (size_t i = 0; i < size; i++)
        copy[i] = data[i];
    printf("# %s, %zu bytes\n", name, size);
    fflush(stdout);
    OK(LLVMFuzzerTestOneInput(copy, size) == 0, "%s", name);
    free(copy);
}

static void replay_file(const char *path)
{
    static uint8_t data[1 << 20];
    FILE *file = fopen(path, "rb");
    MUST(file != NULL);
    size_t size = fread(data, 1, sizeof data, file);
    MUST(size < sizeof data);
    fclose(file);
    replay(path, data, size);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
    const char *name = argc > 0 ? strstr(argv[0], "fuzz_") : NULL;
    struct dirent **entries = NULL;
    char path[512];
    MUST(name != NULL);
    snprintf(path, sizeof path, "test/corpus/%s", name + strlen("fuzz_"));
    replay("the empty input", (const uint8_t *)"", 0);
    int count = scandir(path, &entries, is_visible, alphasort);
    OK(count > 0, "%s holds inputs", path);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "test/corpus/%s/%s", name + strlen("fuzz_"),
                 entries[i]->d_name);
        replay_file(path);
        free(entries[i]);
    }
    free(entries);
    return tap_end();
}
