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
    expect_plan(support_base, to,
                "~ Datastore customers  (a.yaml:23)\n"
                "    /datasets/people/columns/employer/type: \"varchar(100)\" -> \"varchar(200)\"\n"
                "objects changed 1\n",
                "{\"objects\":{\"added\":[],\"removed\":[],\"changed\":[{\"kind\":\"Datastore\",\"name\":\"customers\","
                "\"path\":\"a.yaml\",\"line\":23,\"changes\":[{\"pointer\":\"/datasets/people/columns/employer/type\","
                "\"from\":\"varchar(100)\",\"to\":\"varchar(200)\"}]}]},\"jobs\":{\"added\":[],\"retired\":[],"
                "\"changed\":[]},\"summary\":{\"objects_added\":0,\"objects_removed\":0,\"objects_changed\":1,"
                "\"jobs_added\":0,\"jobs_retired\":0,\"jobs_changed\":0}}");
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
    cr_expect_str_eq(buf_text(&out), "+ Ecosystem acme  (a.yaml:1)\n+ GovernanceZone usa  (a.yaml:7)\n"
                                     "+ DataContainer crm-db  (a.yaml:11)\n+ Credential crm-reader  (a.yaml:19)\n"
                                     "+ Datastore customers  (a.yaml:23)\n+ Workspace marketing  (a.yaml:39)\n"
                                     "+ PlatformServiceProvider yellow-ny  (a.yaml:48)\n+ stream Live/customers\n"
                                     "objects added 7, jobs added 1\n");
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
    expect_plan(support_base, to,
                "~ Datastore customers  (a.yaml:23)\n"
                "    /datasets/people/columns: [\"id\",\"employer\"] -> [\"employer\",\"id\"]\n"
                "    /datasets/people/columns/a~1b: nothing -> {\"name\":\"a/b\",\"nullable\":true,\"type\":\"text\"}\n"
                "objects changed 1\n",
                NULL);
    free(to);
}

Test(plan, a_sink_that_goes_retires_its_stream_and_a_new_priority_changes_it)
{
    char *other = support_with("milestoning: live, latency: minutes", "milestoning: milestoned");
    expect_plan(support_base, other,
                "~ Workspace marketing  (a.yaml:39)\n"
                "    /groups/current/platform/latency: \"minutes\" -> nothing\n"
                "    /groups/current/platform/milestoning: \"live\" -> \"milestoned\"\n"
                "+ stream Forensic/customers\n- stream Live/customers\n"
                "objects changed 1, jobs added 1, jobs retired 1\n",
                NULL);
    free(other);
    char *lower = support_with("priority: high\n", "");
    expect_plan(support_base, lower,
                "~ Workspace marketing  (a.yaml:39)\n    /priority: \"high\" -> \"medium\"\n"
                "~ stream Live/customers\n    /priority: \"high\" -> \"medium\"\n"
                "objects changed 1, jobs changed 1\n",
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
                "~ PlatformServiceProvider yellow-ny  (a.yaml:48)\n"
                "    /hints/stream=customers/resources/limits/cpu: \"3\" -> \"4\"\n"
                "~ stream Live/customers\n    /resources/limits/cpu: \"3\" -> \"4\"\n"
                "objects changed 1, jobs changed 1\n",
                NULL);
    buf_dispose(&from);
    buf_dispose(&to);
}
