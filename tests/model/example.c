#include "support.h"

#include "base/file.h"
#include "model/body.h"
#include "model/job.h"
#include "model/plan.h"

static struct arena *arena;
static vec(struct model_file) files;

static int keep(void *ctx, const char *relative, const char *full, struct err *err)
{
    struct model_file *file = vec_push(arena, &files);
    (void)ctx;
    file->path = arena_strdup(arena, relative);
    return file_read(arena, full, 4 << 20, &file->data, err);
}

/* The example that newcomers read: nothing is wrong with it, and it comes back from its bodies as it was. */
Test(example, acme_is_valid_and_comes_back_from_its_bodies)
{
    struct err err = {0};
    arena = arena_new();
    cr_assert_eq(file_walk(YELLOW_SRCDIR "/examples/acme", keep, NULL, &err), 0, "%s", err.text);
    struct fixture f = {.arena = arena, .findings = {.arena = arena}};
    f.model = model_load(arena, files.items, files.len, &f.findings);
    model_check(f.model, &f.findings);
    struct jobs jobs = model_jobs(arena, f.model, &f.findings);
    findings_sort(&f.findings);
    support_expect(&f, "");
    cr_assert(jobs.count > 0);

    struct model_body *bodies = arena_calloc(arena, f.model->count, sizeof *bodies);
    for (size_t i = 0; i < f.model->count; i++)
        bodies[i] = (struct model_body){f.model->objects[i].kind, f.model->objects[i].name, f.model->objects[i].place,
                                        f.model->objects[i].body};
    struct model *again;
    cr_assert_eq(model_from_bodies(arena, bodies, f.model->count, &again, &err), 0, "%s", err.text);
    for (size_t i = 0; i < f.model->count; i++) {
        struct buf out = {0};
        body_write(&out, again->objects[i].kind, again->objects[i].data);
        cr_expect_str_eq(buf_text(&out), f.model->objects[i].body.data);
        buf_dispose(&out);
    }
    again->files = f.model->files; /* they are stored beside the bodies */
    struct jobs same = model_jobs(arena, again, &f.findings);
    json_t *plan = json_own(arena, plan_make(again, &same, f.model, &jobs));
    struct buf *text = buf_new(arena);
    plan_print(plan, text);
    cr_expect_str_eq(buf_text(text), "nothing changes\n");
    support_end(&f);
}
