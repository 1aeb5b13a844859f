/* Renders templates as tests/conformance/run.py asks: one JSON object a line in, one out.
 * In:  {"template": text, "context": {}, "includes": {name: text}, "options": {name: true}}
 * Out: {"output": text} or {"error": text, "code": name} */
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "template/template.h"

#include <stdio.h>
#include <stdlib.h>

static bool load(void *ctx, const char *name, struct str *text)
{
    const char *found = json_text(ctx, name);
    *text = str_from(found);
    return found != NULL;
}

static bool option(const json_t *options, const char *name)
{
    return json_is_true(json_object_get(options, name));
}

static json_t *render(struct arena *arena, const json_t *in)
{
    const json_t *options = json_object_get(in, "options"), *text = json_object_get(in, "template");
    struct template_options with = {.lenient = option(options, "lenient"),
                                    .autoescape = option(options, "autoescape"),
                                    .trim_blocks = option(options, "trim_blocks"),
                                    .lstrip_blocks = option(options, "lstrip_blocks"),
                                    .keep_trailing_newline = option(options, "keep_trailing_newline"),
                                    .load = load,
                                    .load_ctx = json_object_get(in, "includes")};
    struct template_env *env = template_env_new(&with);
    struct err err = {0};
    struct buf out = {0};
    const struct value *context = value_from_json(arena, json_object_get(in, "context"));
    struct str source = {json_string_value(text), json_string_length(text)};
    int rc = template_render_text(env, "main", source, context, &out, &err);
    json_t *answer = json_object();
    if (rc == 0)
        json_object_set_new(answer, "output", json_stringn(buf_text(&out), out.len));
    else
        json_object_set_new(answer, "error", json_string(err.text));
    if (rc != 0)
        json_object_set_new(answer, "code", json_string(err_kind(err.code)->name));
    buf_dispose(&out);
    template_env_free(env);
    return answer;
}

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    while ((len = getline(&line, &cap, stdin)) > 0) {
        struct arena *arena = arena_new();
        json_t *in = NULL;
        struct err err;
        if (json_read(arena, (struct str){line, (size_t)len}, &in, &err) != 0) {
            (void)fprintf(stderr, "render: %s\n", err.text);
            return 1;
        }
        json_t *answer = render(arena, in);
        struct buf text = {0};
        json_write(&text, answer);
        (void)puts(buf_text(&text));
        (void)fflush(stdout);
        buf_dispose(&text);
        json_decref(answer);
        arena_free(arena);
    }
    free(line);
    return 0;
}
