#include "base/yaml_print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any text: the fast reader is not sure, or finds what libyaml finds, to the column. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct yaml_limits limits[] = {{1 << 20, 32, 10000}, {1 << 20, 3, 12}};
    struct str text = {(const char *)data, size};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct arena *arena = arena_new();
        if (!str_eq(yaml_print_all(arena, yaml_read, text, &limits[i]),
                    yaml_print_all(arena, yaml_read_events, text, &limits[i])))
            abort();
        arena_free(arena);
    }
    return 0;
}
