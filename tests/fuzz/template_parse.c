#include "template/template.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool load(void *ctx, const char *name, struct str *text)
{
    *text = *(const struct str *)ctx;
    return strcmp(name, "fuzz") == 0;
}

/* Any bytes as a template that is compiled and not rendered: the lexer, the parser, the resolver, under all settings
 * that they know. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    for (int mode = 0; mode < 8; mode++) {
        struct template_options options = {.trim_blocks = mode & 1,
                                           .lstrip_blocks = mode & 2,
                                           .keep_trailing_newline = mode & 4,
                                           .autoescape = mode & 4,
                                           .load = load,
                                           .load_ctx = &text};
        struct template_env *env = template_env_new(&options);
        struct err err = {0};
        if (template_check(env, "fuzz", &err) != 0 && !err.text[0])
            abort(); /* an error says why */
        template_env_free(env);
    }
    return 0;
}
