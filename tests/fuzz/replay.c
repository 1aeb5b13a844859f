#include "base/file.h"

#include <stdio.h>

/* Runs a fuzz target over all files of the folders that are named, without a fuzzer: what `make check` does with the
 * seeds. With libFuzzer's own main, leave this file out:
 *   clang -fsanitize=fuzzer,address -Iserver tests/fuzz/NAME.c libyellow.a LIBS -o fuzz-NAME
 *   ./fuzz-NAME tests/fuzz/seeds/NAME */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run(void *ctx, const char *relative, const char *full, struct err *err)
{
    struct arena *arena = arena_new();
    struct str text;
    (void)relative;
    int rc = file_read(arena, full, 64 << 20, &text, err);
    if (rc == 0) {
        (void)LLVMFuzzerTestOneInput((const uint8_t *)text.data, text.len);
        ++*(size_t *)ctx;
    }
    arena_free(arena);
    return rc;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    struct err err = {0};
    const char *seeds = argc > 1 ? argv[1] : YELLOW_SEEDS;
    for (int i = 1; i == 1 || i < argc; i++, seeds = argv[i])
        if (file_walk(seeds, run, &count, &err)) {
            (void)fprintf(stderr, "%s: %s\n", seeds, err.text);
            return 1;
        }
    (void)printf("%zu seeds\n", count);
    return count ? 0 : 1;
}
