/* The stack of a PSP, warm. Arguments: a model folder, a PSP. Each line of standard input is a command, each answer its
 * CPU time in ns: "dump PATH" writes the templates, their contexts and their texts as JSON; "stack N" makes the whole
 * stack N times, "kept N" the same with the renderings of the time before, "templates N" renders its templates alone.
 */
#include "base/file.h"
#include "cli/folder.h"
#include "stack/binding.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct bench {
    struct arena *arena, *scratch;
    struct stack_library *library;
    struct model *model;
    const char *psp;
    struct bindings bindings;
};

static int64_t cpu_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void must(bool good, const struct findings *findings, const struct err *err)
{
    if (good)
        return;
    (void)fprintf(stderr, "stack_yellow: %s\n", findings->list.len ? findings->list.items[0].text : err->text);
    exit(1);
}

static void render_stack(struct bench *b)
{
    struct findings findings = {.arena = b->scratch};
    struct stack stack;
    struct err err = {0};
    must(stack_render(b->scratch, b->library, b->model, b->psp, &findings, &stack, &err) == 0, &findings, &err);
    arena_reset(b->scratch);
}

/* Appends the text of one template, without the last line feed that a stack gives it. */
static void render_template(struct bench *b, struct bound *bound, size_t i, struct buf *out)
{
    struct findings none = {0};
    struct err err = {0};
    must(template_render(bound->component->templates, bound->component->artifacts[i].template,
                         bound_context(b->arena, bound), out, &err) == 0,
         &none, &err);
}

static void render_templates(struct bench *b)
{
    for (size_t i = 0; i < b->bindings.len; i++)
        for (size_t a = 0; a < b->bindings.items[i].component->artifact_count; a++)
            render_template(b, &b->bindings.items[i], a, buf_new(b->scratch));
    arena_reset(b->scratch);
}

static void dump(struct bench *b, const char *path)
{
    json_t *all = json_array();
    struct buf *out = buf_new(b->scratch);
    struct findings none = {0};
    struct err err = {0};
    for (size_t i = 0; i < b->bindings.len; i++) {
        struct bound *bound = &b->bindings.items[i];
        for (size_t a = 0; a < bound->component->artifact_count; a++) {
            struct buf *text = buf_new(b->scratch);
            render_template(b, bound, a, text);
            json_array_append_new(all,
                                  json_pack("{s:s,s:O,s:o}", "template", bound->component->artifacts[a].template,
                                            "context", bound->given, "text", json_stringn(buf_text(text), text->len)));
        }
    }
    json_write(out, json_own(b->scratch, all));
    must(file_write(path, buf_str(out), 0644, &err) == 0, &none, &err);
}

static void run(struct bench *b, const char *what, const char *operand)
{
    long count = strtol(operand, NULL, 10);
    void (*work)(struct bench *) = strcmp(what, "templates") == 0 ? render_templates : render_stack;
    stack_cache_limit(library_cache(b->library), strcmp(what, "kept") == 0 ? STACK_CACHE_BYTES : 0);
    if (strcmp(what, "dump") == 0)
        dump(b, operand);
    for (long i = 0; i < count && strcmp(what, "dump") != 0; i++)
        work(b);
}

int main(int argc, char **argv)
{
    char line[4096], what[16], operand[4000];
    if (argc != 3)
        return 2;
    arena_keep_pages();
    struct bench b = {.arena = arena_new(), .scratch = arena_new(), .psp = argv[2]};
    struct findings findings = {.arena = b.arena};
    struct err err = {0};
    must(stack_library_new(&b.library, &err) == 0, &findings, &err);
    must(folder_load(b.arena, argv[1], &findings, &b.model, &err) == 0 && !findings.errors, &findings, &err);
    const struct object *psp = model_find(b.model, OBJECT_PSP, b.psp);
    (void)err_set(&err, ERR_NOT_FOUND, "there is no PSP %s", b.psp);
    must(psp && bindings_make(b.arena, b.library, b.model, NULL, psp, &findings, &b.bindings), &findings, &err);
    while (fgets(line, sizeof line, stdin) && sscanf(line, "%15s %3999s", what, operand) == 2) {
        int64_t start = cpu_ns();
        run(&b, what, operand);
        (void)printf("%" PRId64 "\n", cpu_ns() - start);
        (void)fflush(stdout);
    }
    arena_free(b.scratch);
    arena_free(b.arena);
    stack_library_free(b.library);
    return 0;
}
