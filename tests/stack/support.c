#include "support.h"

#include "base/file.h"
#include "model/wanted.h"

#include <criterion/criterion.h>

struct reading {
    struct arena *arena;
    const char *before, *after;
    bool replaced;
    vec(struct model_file) files;
};

static struct str replace(struct reading *reading, struct str text)
{
    const char *at = reading->before ? strstr(text.data, reading->before) : NULL;
    if (!at)
        return text;
    reading->replaced = true;
    return str_from(arena_printf(reading->arena, "%.*s%s%s", (int)(at - text.data), text.data, reading->after,
                                 at + strlen(reading->before)));
}

static int keep(void *ctx, const char *relative, const char *full, struct err *err)
{
    struct reading *reading = ctx;
    struct model_file file = {.path = arena_strdup(reading->arena, relative)};
    if (!model_wants(relative))
        return 0;
    int rc = file_read(reading->arena, full, 1 << 20, &file.data, err);
    if (strcmp(relative, "platform/psp.yaml") == 0)
        file.data = replace(reading, file.data);
    *vec_push(reading->arena, &reading->files) = file;
    return rc;
}

struct model *support_acme_own(struct arena *arena, const char *before, const char *after, const char *documents,
                               const char *template, struct findings *findings)
{
    struct reading reading = {.arena = arena, .before = before, .after = after};
    struct err err = {0};
    cr_assert_eq(file_walk(SOURCE_DIR "/examples/acme", keep, &reading, &err), 0, "%s", err.text);
    cr_assert(!before || reading.replaced, "%s is not in platform/psp.yaml", before);
    if (documents)
        *vec_push(arena, &reading.files) = (struct model_file){"own.yaml", str_from(documents)};
    if (template)
        *vec_push(arena, &reading.files) = (struct model_file){"own/x.yaml.j2", str_from(template)};
    struct model *model = model_load(arena, reading.files.items, reading.files.len, findings);
    model_check(model, findings);
    return model;
}

struct model *support_acme(struct arena *arena, const char *before, const char *after)
{
    struct findings findings = {.arena = arena};
    struct model *model = support_acme_own(arena, before, after, NULL, NULL, &findings);
    struct buf *text = buf_new(arena);
    findings_print(&findings, text);
    cr_assert_eq(findings.list.len, 0, "%s", buf_text(text));
    return model;
}

struct model *support_acme_on(struct arena *arena, const char *assembly)
{
    const char *parameters = "";
    if (strcmp(assembly, "yellow-external-postgres") == 0)
        parameters = "parameters: {airflow_database_host: airflow-db.example.net}";
    return support_acme(
        arena,
        "assembly: yellow-single-postgres\nparameters: # what the assembly declares; the rest has defaults\n"
        "  logs_storage: 10Gi\n  log_level: INFO\n",
        arena_printf(arena, "assembly: %s\n%s\n", assembly, parameters));
}

static void library_free(void *library)
{
    stack_library_free(library);
}

struct stack_library *support_library(struct arena *arena)
{
    struct stack_library *library;
    struct err err = {0};
    cr_assert_eq(stack_library_new(&library, &err), 0, "%s", err.text);
    arena_defer(arena, library_free, library);
    return library;
}
