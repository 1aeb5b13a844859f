#include "support.h"

#include "model/job.h"

#include <stdlib.h>

/* One line a job, for comparison as a whole. */
static char *lines(const struct jobs *jobs)
{
    struct buf out = {0};
    for (size_t i = 0; i < jobs->count; i++) {
        const struct job *job = &jobs->items[i];
        buf_addf(&out, "%s %s/%s %s %s %s feeds", job_kind_names[job->kind], job->platform, job->name, job->capture,
                 job->schedule, priority_names[job->priority]);
        for (size_t j = 0; j < job->feeds.len; j++)
            buf_addf(&out, "%c%s", j ? ',' : ' ', job->feeds.items[j]);
        for (size_t j = 0; j < job->inputs.len; j++)
            buf_addf(&out, "%s%s", j ? "," : " reads ", job->inputs.items[j]);
        buf_addc(&out, '\n');
    }
    return buf_take(&out);
}

static void expect_jobs(struct fixture *f, const char *expected)
{
    struct jobs jobs = model_jobs(f->arena, f->model, &f->findings);
    char *text = lines(&jobs);
    cr_expect_str_eq(text, expected);
    free(text);
}

#define STORE(name)                                                                                                    \
    "kind: Datastore\nname: " name                                                                                     \
    "\nteam: usa/sales\ndatasets: [{name: d, columns: [{name: id, type: int64, key: true}]}]\n---\n"
#define TRANSFORMER(ws, in, out)                                                                                       \
    "kind: Workspace\nname: " ws                                                                                       \
    "\nteam: usa/sales\npriority: low\ngroups: [{name: g, platform: {name: Live}, sinks: " in                          \
    "}]\ntransformer: {name: " ws "-t, code: {type: sql, file: transforms/mask.sql}, output: " out "}\n---\n"

Test(job, only_streams_that_somebody_consumes_exist)
{
    struct fixture f = support_load(support_base, STORE("unused"), NULL);
    expect_jobs(&f, "stream Live/customers sql-snapshot */10 * * * * high feeds marketing\n");
    support_end(&f);
}

Test(job, transformers_are_pulled_through_their_outputs_with_the_priority_of_those_they_feed)
{
    struct fixture f = support_check(
        support_base,
        STORE("masked") STORE("report") TRANSFORMER("mask", "[{store: customers, dataset: people}]", "masked")
            TRANSFORMER("sum", "[{store: masked, dataset: d}]", "report"),
        "kind: Workspace\nname: board\nteam: usa/sales\npriority: critical\n"
        "groups: [{name: g, platform: {name: Forensic}, sinks: [{store: report, dataset: d}]}]\n",
        NULL);
    support_expect(&f, "");
    expect_jobs(&f, "stream Forensic/customers sql-snapshot */10 * * * * critical feeds board,mask,sum\n"
                    "stream Forensic/masked transformer transformer:mask-t critical feeds board,sum\n"
                    "stream Forensic/report transformer transformer:sum-t critical feeds board\n"
                    "stream Live/customers sql-snapshot */10 * * * * high feeds marketing,mask,sum\n"
                    "stream Live/masked transformer transformer:mask-t low feeds sum\n"
                    "transformer Forensic/mask-t sql inputs critical feeds board,sum reads customers\n"
                    "transformer Forensic/sum-t sql inputs critical feeds board reads masked\n"
                    "transformer Live/mask-t sql inputs low feeds sum reads customers\n");
    support_end(&f);
}

Test(job, a_transformer_that_reads_its_own_output_ends)
{
    struct fixture f = support_check(
        support_base,
        STORE("acc") TRANSFORMER("self", "[{store: customers, dataset: people}, {store: acc, dataset: d}]", "acc"),
        NULL);
    support_expect(&f, "");
    expect_jobs(&f, "stream Live/acc transformer transformer:self-t low feeds self\n"
                    "stream Live/customers sql-snapshot */10 * * * * high feeds marketing,self\n"
                    "transformer Live/self-t sql inputs low feeds self reads customers\n");
    support_end(&f);
}

Test(job, single_dataset_consistency_makes_a_stream_a_dataset)
{
    char *base = support_with("  type: sql-snapshot\n", "  type: sql-snapshot\n  consistency: single-dataset\n");
    struct fixture f = support_load(base, NULL);
    expect_jobs(&f, "stream Live/customers.people sql-snapshot */10 * * * * high feeds marketing\n");
    support_end(&f);
    free(base);
}

Test(job, a_group_fits_platforms_by_milestoning_and_a_latency_that_is_as_good)
{
    struct group group = {.platform = {.by_milestoning = true, .milestoning = MILESTONING_LIVE, .latency = "minutes"}};
    cr_expect(group_fits(&group, &(struct data_platform){.name = "A", .milestoning = MILESTONING_LIVE}));
    cr_expect(group_fits(&group, &(struct data_platform){.name = "A", .latency = "minutes"}));
    cr_expect(group_fits(&group, &(struct data_platform){.name = "A", .latency = "seconds"}));
    cr_expect_not(group_fits(&group, &(struct data_platform){.name = "A", .latency = "hours"}));
    cr_expect_not(group_fits(&group, &(struct data_platform){.name = "A", .milestoning = MILESTONING_MILESTONED}));
    group = (struct group){.platform = {.name = "B"}};
    cr_expect(group_fits(&group, &(struct data_platform){.name = "B", .latency = "days"}));
    cr_expect_not(group_fits(&group, &(struct data_platform){.name = "A"}));
}

Test(job, a_group_that_fits_no_platform_is_a_warning)
{
    char *base = support_with("{name: Live, milestoning: live}", "{name: Live, milestoning: live, latency: hours}");
    struct fixture f = support_load(base, NULL);
    expect_jobs(&f, "");
    support_expect(&f, "a.yaml:44:5: warning: group \"current\" of Workspace \"marketing\" fits no data platform: its "
                       "sinks are not carried [no-platform]\n");
    support_end(&f);
    free(base);
}

Test(job, each_of_the_four_values_comes_from_the_first_level_that_gives_it)
{
    char *base =
        support_with("production: true\n", "production: true\nresources: {requests: {memory: 300Mi, cpu: 110m}}\n");
    struct buf all = {0};
    buf_addf(&all,
             "%sdefaults: {ingestion: {limits: {memory: 8Gi, cpu: 4}}}\n"
             "hints:\n"
             "  - {stream: customers, resources: {requests: {memory: 2Gi}}}\n"
             "  - {stream: customers, platform: Live, resources: {requests: {memory: 3Gi}}}\n"
             "  - {kind: sql-snapshot, resources: {limits: {cpu: 2}}}\n",
             base);
    struct fixture f = support_check(buf_text(&all), NULL);
    support_expect(&f, "");
    struct jobs jobs = model_jobs(f.arena, f.model, &f.findings);
    cr_assert_eq(jobs.count, 1);
    const struct job *job = &jobs.items[0];
    static const char *const names[] = {"psp-hint",  "psp-hint",    "store-hint",
                                        "kind-hint", "psp-default", "system-default"};
    static const char *const sources[] = {"PlatformServiceProvider yellow-ny, hints[1]",
                                          "PlatformServiceProvider yellow-ny, hints[0]",
                                          "Datastore customers",
                                          "PlatformServiceProvider yellow-ny, hints[2]",
                                          "PlatformServiceProvider yellow-ny, defaults.ingestion",
                                          "Yellow"};
    cr_assert_eq(job->level_count, 6);
    for (size_t i = 0; i < 6; i++) {
        cr_expect_str_eq(job->levels[i].name, names[i]);
        cr_expect_str_eq(job->levels[i].source, sources[i]);
    }
    cr_expect_str_eq(job->resolved.values.value[RESOURCE_MEMORY_REQUEST], "3Gi");
    cr_expect_str_eq(job->resolved.values.value[RESOURCE_MEMORY_LIMIT], "8Gi");
    cr_expect_str_eq(job->resolved.values.value[RESOURCE_CPU_REQUEST], "110m");
    cr_expect_str_eq(job->resolved.values.value[RESOURCE_CPU_LIMIT], "2");
    cr_expect_eq(job->resolved.winner[RESOURCE_CPU_LIMIT], 3);
    support_end(&f);
    buf_dispose(&all);
    free(base);
}

Test(job, a_request_over_its_limit_after_resolution_is_an_error_that_names_both_levels)
{
    struct buf all = {0};
    buf_addf(&all, "%shints: [{stream: customers, resources: {requests: {memory: 2Gi}}}]\n", support_base);
    struct fixture f = support_check(buf_text(&all), NULL);
    expect_jobs(&f, "stream Live/customers sql-snapshot */10 * * * * high feeds marketing\n");
    support_expect(&f, "a.yaml:55:9: error: stream Live/customers: requests.memory 2Gi (psp-hint: "
                       "PlatformServiceProvider yellow-ny, hints[0]) is more than limits.memory 1Gi (system-default: "
                       "Yellow) [request-over-limit]\n  hint: give both in one place, or raise limits.memory\n");
    support_end(&f);
    buf_dispose(&all);
}

Test(job, what_is_wrong_in_one_place_is_said_once)
{
    struct buf all = {0};
    buf_addf(&all,
             "%shints:\n  - {stream: customers, resources: {requests: {memory: 2Gi, cpu: 3}, limits: {memory: 1Gi}}}\n",
             support_base);
    struct fixture f = support_check(buf_text(&all), NULL);
    (void)model_jobs(f.arena, f.model, &f.findings);
    findings_sort(&f.findings);
    support_expect(&f, "a.yaml:56:5: error: stream Live/customers: requests.cpu 3 (psp-hint: PlatformServiceProvider "
                       "yellow-ny, hints[0]) is more than limits.cpu 500m (system-default: Yellow) "
                       "[request-over-limit]\n  hint: give both in one place, or raise limits.cpu\n"
                       "a.yaml:56:56: error: the hint: requests.memory 2Gi is more than limits.memory 1Gi "
                       "[request-over-limit]\n");
    support_end(&f);
    buf_dispose(&all);
}
