#include "template/template.h"
#include "base/buf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The text itself under the name that it may include, import and extend. */
static bool load(void *ctx, const char *name, struct str *text)
{
    *text = *(const struct str *)ctx;
    return strcmp(name, "self") == 0;
}

/* Any bytes as a template over a small context, strict and lenient; small bounds, so that a bomb is cheap. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct str text = {(const char *)data, size};
    struct value *context = value_dict(arena), *list = value_list(arena), *item = value_dict(arena);
    value_dict_set(arena, item, "a", value_int(arena, 1));
    value_dict_set(arena, item, "b", value_str(arena, STR("<t\xc3\xa9xt>")));
    value_list_add(arena, list, item);
    value_list_add(arena, list, value_float(arena, 1.5));
    value_dict_set(arena, context, "x", item);
    value_dict_set(arena, context, "l", list);
    for (int mode = 0; mode < 4; mode++) {
        struct template_options options = {.lenient = mode & 1,
                                           .autoescape = mode & 2,
                                           .trim_blocks = mode & 1,
                                           .lstrip_blocks = mode & 2,
                                           .max_steps = 20000,
                                           .max_output = 1 << 18,
                                           .max_depth = 30,
                                           .load = load,
                                           .load_ctx = &text};
        struct template_env *env = template_env_new(&options);
        struct buf out = {0};
        struct err err = {0};
        int rc = template_render_text(env, "fuzz", text, context, &out, &err);
        if (rc != 0 && (out.len || !err.text[0]))
            abort(); /* an error writes nothing and says why */
        buf_dispose(&out);
        template_env_free(env);
    }
    arena_free(arena);
    return 0;
}
