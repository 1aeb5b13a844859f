#include "stack/plan_document.h"

#include "model/plan.h"
#include "support.h"

#include <criterion/criterion.h>

static struct arena *arena;
static struct stack_library *library;

static void setup(void)
{
    arena = arena_new();
    library = support_library(arena);
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(plan_document, .init = setup, .fini = teardown);

/* The plan between two models; either may be NULL. */
static json_t *planned(const struct model *from, const struct model *to)
{
    struct findings findings = {.arena = arena};
    struct jobs from_jobs = {0}, to_jobs = model_jobs(arena, to, &findings);
    if (from)
        from_jobs = model_jobs(arena, from, &findings);
    struct compat_changes changes = compatibility_of(arena, from, to);
    json_t *plan = json_own(arena, plan_make_judged(from, &from_jobs, to, &to_jobs, &changes));
    (void)plan_identify(plan, 3);
    compatibility_report(&changes, false, json_text(plan, "id"), &findings);
    return plan_document(arena, library, &(struct plan_side){from, &from_jobs}, &(struct plan_side){to, &to_jobs}, plan,
                         &findings);
}

static const char *text_of(const json_t *json)
{
    struct buf *text = buf_new(arena);
    json_write(text, json);
    return buf_text(text);
}

Test(plan_document, nothing_changes_between_a_model_and_itself)
{
    struct model *model = support_acme(arena, NULL, NULL);
    json_t *document = planned(model, model);
    cr_assert_str_eq(json_text(document, "outcome"), "passes");
    cr_assert(json_is_false(json_object_get(document, "changes")));
    cr_assert_eq(json_array_size(json_object_get(document, "stacks")), 0);
    cr_assert_eq(json_integer_value(json_object_get(document, "base")), 3);
}

Test(plan_document, a_first_version_makes_all_tables_views_and_stacks)
{
    json_t *document = planned(NULL, support_acme(arena, NULL, NULL)), *stack;
    cr_assert(json_is_true(json_object_get(document, "changes")));
    cr_assert_str_eq(text_of(json_array_get(json_object_get(json_object_get(document, "tables"), "added"), 0)),
                     "{\"platform\":\"YellowForensic\",\"store\":\"exchange-rates\",\"dataset\":\"rates\"}");
    stack = json_array_get(json_object_get(document, "stacks"), 0);
    cr_assert_str_eq(json_text(stack, "psp"), "yellow-ny");
    cr_assert_null(json_object_get(json_array_get(json_object_get(stack, "added"), 0), "text"));
}

Test(plan_document, a_psps_change_shows_in_its_stack_by_value)
{
    json_t *document = planned(support_acme(arena, "log_level: INFO", "log_level: INFO"),
                               support_acme(arena, "log_level: INFO", "log_level: DEBUG"));
    struct buf *text = buf_new(arena);
    plan_document_print(document, text);
    cr_assert_not_null(strstr(buf_text(text), "\nstack of yellow-ny:\n~ "), "%s", buf_text(text));
    cr_assert_not_null(strstr(buf_text(text), "\"INFO\" -> \"DEBUG\"\n"), "%s", buf_text(text));
    cr_assert(json_is_true(json_object_get(document, "changes")));
}

Test(plan_document, what_changes_the_parts_of_others_is_said_to_do_so)
{
    struct findings findings = {.arena = arena};
    struct buf *text = buf_new(arena);
    (void)findings_add(&findings, SEVERITY_ERROR, "not-owner", (struct place){"a.yaml", 1, 1}, "not yours");
    (void)findings_add(&findings, SEVERITY_WARNING, "no-platform", (struct place){"a.yaml", 9, 1}, "no platform");
    json_t *document = plan_document(arena, library, &(struct plan_side){0}, &(struct plan_side){0}, NULL, &findings);
    plan_document_print(document, text);
    cr_assert(
        str_starts(buf_str(text), STR("This is refused: it changes what belongs to others. Nothing is planned.\n")),
        "%s", buf_text(text));
}

Test(plan_document, a_wrong_model_is_refused_with_its_findings_and_without_a_plan)
{
    struct findings findings = {.arena = arena};
    struct buf *text = buf_new(arena);
    (void)findings_add(&findings, SEVERITY_ERROR, "unknown-key", (struct place){"a.yaml", 3, 4}, "key x is not known");
    json_t *document = plan_document(arena, library, &(struct plan_side){0}, &(struct plan_side){0}, NULL, &findings);
    cr_assert_str_eq(
        text_of(document),
        "{\"id\":null,\"base\":null,\"outcome\":\"refused\",\"changes\":false,\"findings\":[{\"severity\":"
        "\"error\",\"code\":\"unknown-key\",\"path\":\"a.yaml\",\"line\":3,\"column\":4,\"text\":\"key x is "
        "not known\",\"hint\":null}]}");
    plan_document_print(document, text);
    cr_assert_str_eq(buf_text(text), "This is refused: the model is wrong. Nothing is planned.\n\nfindings:\n"
                                     "a.yaml:3:4: error: key x is not known [unknown-key]\n");
}

Test(plan_document, a_finding_in_the_file_of_another_repository_says_whose_it_is)
{
    struct findings findings = {.arena = arena};
    struct buf *text = buf_new(arena);
    (void)findings_add(&findings, SEVERITY_ERROR, "unknown-key", (struct place){"//sales/a.yaml", 3, 4}, "wrong");
    json_t *document = plan_document(arena, library, &(struct plan_side){0}, &(struct plan_side){0}, NULL, &findings);
    const json_t *finding = json_array_get(json_object_get(document, "findings"), 0);
    cr_assert_str_eq(json_text(finding, "path"), "a.yaml");
    cr_assert_str_eq(json_text(finding, "repository"), "sales");
    plan_document_print(document, text);
    cr_assert_not_null(strstr(buf_text(text), "\n//sales/a.yaml:3:4: error: wrong [unknown-key]\n"), "%s",
                       buf_text(text));
}
