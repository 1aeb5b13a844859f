#include "support.h"

#include "model/plan.h"

#include <stdlib.h>

static void expect_plan(const char *from, const char *to, const char *text, const char *json)
{
    struct fixture a = support_load(from, NULL), b = support_load(to, NULL);
    support_expect(&a, "");
    support_expect(&b, "");
    struct jobs from_jobs = model_jobs(a.arena, a.model, &a.findings),
                to_jobs = model_jobs(b.arena, b.model, &b.findings);
    json_t *plan = plan_make(from ? a.model : NULL, &from_jobs, b.model, &to_jobs);
    struct buf out = {0};
    plan_print(plan, &out);
    cr_expect_str_eq(buf_text(&out), text);
    if (json) {
        buf_cut(&out, 0);
        json_write(&out, plan);
        cr_expect_str_eq(buf_text(&out), json);
    }
    json_decref(plan);
    buf_dispose(&out);
    support_end(&a);
    support_end(&b);
}

Test(plan, a_changed_column_is_shown_and_nothing_else)
{
    char *to = support_with("varchar(100)", "varchar(200)");
    expect_plan(
        support_base, to,
        "objects changed 1\n\n~ Datastore customers  (a.yaml:23)\n"
        "    /datasets/people/columns/employer/type: \"varchar(100)\" -> \"varchar(200)\"\n",
        "{\"objects\":{\"added\":[],\"removed\":[],\"changed\":[{\"kind\":\"Datastore\",\"name\":\"customers\","
        "\"path\":\"a.yaml\",\"line\":23,\"hash\":\"2eff393190dc7bb3168e29769916d84832b957ef07d7648ff4ab936ffdd7"
        "7ad3\",\"changes\":[{\"pointer\":\"/datasets/people/columns/employer/type\",\"from\":\"varchar(100)\","
        "\"to\":\"varchar(200)\",\"breaking\":false,\"why\":null}]}]},\"files\":{\"added\":[],\"removed\":[],"
        "\"changed\":[]},\"jobs\":{\"added\":[],\"retired\":[],\"changed\":[]},\"breaking\":[],\"summary\":{"
        "\"objects_added\":0,\"objects_removed\":0,\"objects_changed\":1,\"files_added\":0,\"files_removed\":0,"
        "\"files_changed\":0,\"jobs_added\":0,\"jobs_retired\":0,\"jobs_changed\":0,\"breaking\":0}}");
    free(to);
}

Test(plan, of_the_same_model_changes_nothing)
{
    expect_plan(support_base, support_base, "nothing changes\n", NULL);
}

Test(plan, of_a_first_version_adds_all)
{
    struct fixture b = support_load(support_base, NULL);
    struct jobs jobs = model_jobs(b.arena, b.model, &b.findings);
    json_t *plan = plan_make(NULL, NULL, b.model, &jobs);
    struct buf out = {0};
    plan_print(plan, &out);
    cr_expect_str_eq(buf_text(&out), "objects added 7, files added 1, jobs added 1\n\n"
                                     "+ Ecosystem acme  (a.yaml:1)\n+ GovernanceZone usa  (a.yaml:7)\n"
                                     "+ DataContainer crm-db  (a.yaml:11)\n+ Credential crm-reader  (a.yaml:19)\n"
                                     "+ Datastore customers  (a.yaml:23)\n+ Workspace marketing  (a.yaml:39)\n"
                                     "+ PlatformServiceProvider yellow-ny  (a.yaml:48)\n"
                                     "+ file transforms/mask.sql\n+ stream Live/customers\n");
    json_decref(plan);
    buf_dispose(&out);
    support_end(&b);
}

Test(plan, list_items_are_matched_by_name_and_a_new_order_is_one_change)
{
    char *to =
        support_with("      - {name: id, type: varchar(20), key: true}\n      - {name: employer, type: varchar(100)}\n",
                     "      - {name: employer, type: varchar(100)}\n      - {name: \"a/b\", type: text, nullable: "
                     "true}\n      - {name: id, type: varchar(20), key: true}\n");
    expect_plan(
        support_base, to,
        "objects changed 1\n\n~ Datastore customers  (a.yaml:23)\n"
        "    /datasets/people/columns: [\"id\",\"employer\"] -> [\"employer\",\"id\"]\n"
        "    /datasets/people/columns/a~1b: nothing -> {\"name\":\"a/b\",\"nullable\":true,\"type\":\"text\"}\n",
        NULL);
    free(to);
}

Test(plan, a_sink_that_goes_retires_its_stream_and_a_new_priority_changes_it)
{
    char *other = support_with("milestoning: live, latency: minutes", "milestoning: milestoned");
    expect_plan(support_base, other,
                "objects changed 1, jobs added 1, jobs retired 1\n\n"
                "~ Workspace marketing  (a.yaml:39)\n"
                "    /groups/current/platform/latency: \"minutes\" -> nothing\n"
                "    /groups/current/platform/milestoning: \"live\" -> \"milestoned\"\n"
                "+ stream Forensic/customers\n- stream Live/customers\n",
                NULL);
    free(other);
    char *lower = support_with("priority: high\n", "");
    expect_plan(support_base, lower,
                "objects changed 1, jobs changed 1\n\n"
                "~ Workspace marketing  (a.yaml:39)\n    /priority: \"high\" -> \"medium\"\n"
                "~ stream Live/customers\n    /priority: \"high\" -> \"medium\"\n",
                NULL);
    free(lower);
}

Test(plan, hints_are_matched_by_what_they_name)
{
    struct buf from = {0}, to = {0};
    buf_addf(&from,
             "%shints: [{kind: csv-s3, resources: {limits: {cpu: 2}}}, {stream: customers, resources: {limits: {cpu: "
             "3}}}]\n",
             support_base);
    buf_addf(&to,
             "%shints: [{kind: csv-s3, resources: {limits: {cpu: 2}}}, {stream: customers, resources: {limits: {cpu: "
             "4}}}]\n",
             support_base);
    expect_plan(buf_text(&from), buf_text(&to),
                "objects changed 1, jobs changed 1\n\n"
                "~ PlatformServiceProvider yellow-ny  (a.yaml:48)\n"
                "    /hints/stream=customers/resources/limits/cpu: \"3\" -> \"4\"\n"
                "~ stream Live/customers\n    /resources/limits/cpu: \"3\" -> \"4\"\n",
                NULL);
    buf_dispose(&from);
    buf_dispose(&to);
}

Test(plan, what_breaks_is_marked_with_why_and_who_reads_it)
{
    char *narrow = support_with("varchar(100)", "varchar(50)");
    expect_plan(support_base, narrow,
                "objects changed 1, breaking 1\n\n~ Datastore customers  (a.yaml:23)\n"
                "    /datasets/people/columns/employer/type: \"varchar(100)\" -> \"varchar(50)\"\n"
                "      ! breaking: longer values do not fit any more\n\nbreaking:\n"
                "! column \"employer\" of customers.people becomes varchar(50), and was varchar(100): longer values do "
                "not fit any more\n    read by marketing\n",
                NULL);
    free(narrow);
    char *nullable = support_with("type: varchar(100)", "type: varchar(100), nullable: true");
    expect_plan(support_base, nullable,
                "objects changed 1\n\n~ Datastore customers  (a.yaml:23)\n"
                "    /datasets/people/columns/employer/nullable: false -> true\n"
                "      ? its readers meet null for the first time\n",
                NULL);
    free(nullable);
}

Test(plan, has_an_id_of_its_content_and_its_base)
{
    char *to = support_with("varchar(100)", "varchar(200)"), *other = support_with("varchar(100)", "varchar(300)");
    struct fixture a = support_load(support_base, NULL), b = support_load(to, NULL), c = support_load(other, NULL);
    struct jobs jobs = model_jobs(a.arena, a.model, &a.findings);
    json_t *plans[] = {plan_make(a.model, &jobs, b.model, &jobs), plan_make(a.model, &jobs, b.model, &jobs),
                       plan_make(a.model, &jobs, b.model, &jobs), plan_make(a.model, &jobs, c.model, &jobs),
                       plan_make(NULL, NULL, b.model, &jobs),     plan_make(NULL, NULL, c.model, &jobs)};
    static const int bases[] = {1, 1, 2, 1, 0, 0};
    for (size_t i = 0; i < 6; i++)
        (void)plan_identify(plans[i], bases[i]);
    cr_expect_eq(strlen(json_text(plans[0], "id")), 64);
    cr_expect_eq(json_integer_value(json_object_get(plans[2], "base")), 2);
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < i; j++)
            cr_expect_eq(strcmp(json_text(plans[i], "id"), json_text(plans[j], "id")) == 0, i == 1 && j == 0, "%zu %zu",
                         i, j);
    const char *again = arena_strdup(a.arena, json_text(plans[0], "id"));
    cr_expect_str_eq(plan_identify(plans[0], 1), again, "the id is no part of what it is made of");
    for (size_t i = 0; i < 6; i++)
        json_decref(plans[i]);
    support_end(&a);
    support_end(&b);
    support_end(&c);
    free(to);
    free(other);
}
