#include "control/health.h"

#include "model/cause.h"
#include "model/job.h"

static const char *const states[] = {"idle", "running", "failed", "lost", "paused", "retired"};
enum { IDLE, RUNNING, FAILED, LOST, PAUSED, RETIRED, STATES };

struct tally {
    int64_t of[2][STATES]; /* by enum job_kind */
};

static struct tally count(const json_t *counts)
{
    struct tally tally = {0};
    size_t i;
    const json_t *item;
    json_array_foreach(counts, i, item)
    {
        enum job_kind kind = job_kind_from(json_text(item, "kind"));
        for (int s = 0; s < STATES; s++)
            if (strcmp(json_text(item, "state"), states[s]) == 0)
                tally.of[kind][s] = json_integer_value(json_object_get(item, "count"));
    }
    return tally;
}

static json_t *counts_json(const int64_t of[STATES])
{
    json_t *out = json_object();
    for (int s = 0; s < STATES; s++)
        json_object_set_new(out, states[s], json_integer(of[s]));
    return out;
}

/* "stream YellowLive/customers failed: source-unreachable" */
static const char *first_failure(struct arena *arena, const json_t *failures)
{
    const json_t *item = json_array_get(failures, 0);
    const char *cause = json_text(item, "cause");
    return arena_printf(arena, "%s %s/%s %s: %s", json_text(item, "kind"), json_text(item, "platform"),
                        json_text(item, "name"), strcmp(json_text(item, "state"), "lost") == 0 ? "was lost" : "failed",
                        cause ? cause : "no cause given");
}

static json_t *verdict(struct arena *arena, const struct status_figures *figures, const struct tally *tally)
{
    int64_t jobs = 0, bad = 0;
    for (int kind = 0; kind < 2; kind++) {
        for (int s = 0; s < RETIRED; s++)
            jobs += tally->of[kind][s];
        bad += tally->of[kind][FAILED] + tally->of[kind][LOST];
    }
    const char *name, *reason;
    if (!jobs) {
        name = "unknown";
        reason = figures->version ? "nobody consumes anything yet" : "there is no model version yet";
    } else if (!bad) {
        name = "ok";
        reason = arena_printf(arena, "none of %lld jobs failed", (long long)jobs);
    } else {
        name = figures->important || bad * 2 >= jobs ? "failing" : "degraded";
        reason = arena_printf(arena, "%lld of %lld jobs failed or were lost; first: %s", (long long)bad,
                              (long long)jobs, first_failure(arena, figures->failures));
    }
    return json_pack("{s:s, s:s}", "verdict", name, "reason", reason);
}

static json_t *lag_json(const struct status_figures *figures)
{
    if (!figures->lag.stream)
        return json_null();
    return json_pack("{s:s, s:s, s:s, s:I}", "platform", figures->lag.platform, "stream", figures->lag.stream,
                     "last_commit_at", figures->lag.last_commit_at, "minutes", (json_int_t)(figures->lag.seconds / 60));
}

json_t *health_document(struct arena *arena, const char *ecosystem, const struct status_figures *figures)
{
    struct tally tally = count(figures->counts);
    json_t *failures = figures->failures ? json_deep_copy(figures->failures) : json_array(), *item;
    size_t i;
    json_array_foreach(failures, i, item)
    {
        const struct cause *cause = cause_find(json_text(item, "cause"));
        if (cause)
            json_object_set_new(item, "hint", json_string(cause->hint));
    }
    int64_t bad = 0;
    for (int kind = 0; kind < 2; kind++)
        bad += tally.of[kind][FAILED] + tally.of[kind][LOST];
    json_t *holds = figures->holds ? json_deep_copy(figures->holds) : json_array();
    return json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:I}", "ecosystem", ecosystem, "version",
                     figures->version, "health", verdict(arena, figures, &tally), "holds", holds, "streams",
                     counts_json(tally.of[JOB_STREAM]), "transformers", counts_json(tally.of[JOB_TRANSFORMER]),
                     "worst_lag", lag_json(figures), "streams_without_commit", (json_int_t)figures->never_committed,
                     "hints_skipped", (json_int_t)figures->hints_skipped, "failures", failures, "failures_omitted",
                     (json_int_t)(bad - (int64_t)json_array_size(failures)));
}
