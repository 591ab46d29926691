/* fuzz_yaml.c: what yaml_parse accepts is JSON when printed as such, and is the same after it was
 * printed as YAML; what it refuses has a place and a reason. Places lead somewhere, always. */
#include "codec/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libfyaml 0.7.12 keeps a kilobyte of some broken documents. It is the commands' processes that
 * read YAML, each a few files. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml";
}

static text json_of(struct arena *arena, const struct yaml_node *node)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);

    yaml_write_json(node, &w);
    return buffer_text(&out);
}

static void check_faults(const struct yaml_faults *faults)
{
    MUST(faults->count > 0);
    for (size_t i = 0; i < faults->count; i++) {
        const struct yaml_fault *fault = &faults->items[i];

        MUST(fault->mark.line >= 1 && fault->mark.column >= 1);
        MUST(fault->reason.len > 0 && text_is_utf8(fault->reason));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct buffer printed = { .arena = arena };
    text body = { (const char *)data, size };
    struct yaml_node node, again;
    struct yaml_faults faults = { 0 };
    struct json_fault fault;
    struct json value;
    text json;

    if (!yaml_parse(arena, body, &node, &faults)) {
        check_faults(&faults);
        return 0;
    }
    json = json_of(arena, &node);
    MUST(json_parse(arena, json, &value, &fault));
    yaml_print(&value, &printed);
    MUST(yaml_parse(arena, buffer_text(&printed), &again, &faults));
    MUST(text_equal(json_of(arena, &again), json));
    MUST(yaml_find(&node, body) != NULL);
    return 0;
}
