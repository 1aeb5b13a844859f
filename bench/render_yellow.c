/* Renders bench/render_case for bench/render. Arguments: the folder of templates, the context as JSON. Commands, one a
 * line on standard input: "output FILE", "render N", "compile N"; each is answered with the CPU time it took in ns. */
#include "base/file.h"
#include "template/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TEMPLATES = 3, CAP = 64 << 20 };

struct texts {
    const char *names[TEMPLATES];
    struct str items[TEMPLATES];
};

static bool load(void *ctx, const char *name, struct str *text)
{
    const struct texts *texts = ctx;
    for (size_t i = 0; i < TEMPLATES; i++)
        if (strcmp(texts->names[i], name) == 0) {
            *text = texts->items[i];
            return true;
        }
    return false;
}

static void must(int rc, const struct err *err)
{
    if (rc == 0)
        return;
    (void)fprintf(stderr, "render_yellow: %s\n", err->text);
    exit(1);
}

static long long cpu_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static struct template_env *compile(struct texts *texts)
{
    const struct template_options options = {
        .lenient = true, .trim_blocks = true, .lstrip_blocks = true, .load = load, .load_ctx = texts};
    struct template_env *env = template_env_new(&options);
    struct err err;
    for (size_t i = 0; i < TEMPLATES; i++)
        must(template_check(env, texts->names[i], &err), &err);
    return env;
}

int main(int argc, char **argv)
{
    struct texts texts = {.names = {"stack.j2", "macros.j2", "probes.j2"}};
    struct arena *arena = arena_new();
    struct str text;
    struct err err;
    json_t *json;
    char line[4096], what[16], rest[4000];
    if (argc != 3)
        return 2;
    arena_keep_pages();
    for (size_t i = 0; i < TEMPLATES; i++)
        must(file_read(arena, arena_printf(arena, "%s/%s", argv[1], texts.names[i]), CAP, &texts.items[i], &err), &err);
    must(file_read(arena, argv[2], CAP, &text, &err), &err);
    must(json_read(arena, text, &json, &err), &err);
    const struct value *context = value_from_json(arena, json);
    struct template_env *env = compile(&texts);
    struct buf out = {0};
    while (fgets(line, sizeof line, stdin) && sscanf(line, "%15s %3999s", what, rest) == 2) {
        long long start = cpu_ns();
        long n = strcmp(what, "output") == 0 ? 1 : strtol(rest, NULL, 10);
        for (long i = 0; i < n; i++) {
            if (strcmp(what, "compile") == 0) {
                template_env_free(compile(&texts));
                continue;
            }
            buf_cut(&out, 0);
            must(template_render(env, "stack.j2", context, &out, &err), &err);
        }
        if (strcmp(what, "output") == 0)
            must(file_write(rest, buf_str(&out), 0644, &err), &err);
        (void)printf("%lld\n", cpu_ns() - start);
        (void)fflush(stdout);
    }
    buf_dispose(&out);
    template_env_free(env);
    arena_free(arena);
    return 0;
}
