#include "control/schedule_plan.h"

#include <criterion/criterion.h>

/* Decisions under a clock that is an argument. */

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
/* 2026-03-02T00:00:00Z, a Monday */
#define T0 INT64_C(1772409600000)

static struct arena *arena;
static const struct zone *utc;
static struct schedule_job jobs[64];
static int64_t due[64];
static struct schedule_limits limits;
static size_t count;

static void setup(void)
{
    struct err err = {0};
    arena = arena_new();
    cr_assert_eq(zone_load(arena, "UTC", &utc, &err), 0);
    limits = (struct schedule_limits){.jobs = 4,
                                      .per_source = 2,
                                      .per_target = 4,
                                      .retry_ms = 10 * SECOND,
                                      .retry_max_ms = 15 * MINUTE,
                                      .age_ms = 5 * MINUTE};
    count = 0;
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(schedule_plan, .init = setup, .fini = teardown);

static struct schedule_job *add(const char *cron, enum priority priority)
{
    struct schedule_job *job = &jobs[count++];
    *job = (struct schedule_job){.trigger = cron ? SCHEDULE_CRON : SCHEDULE_INPUTS,
                                 .zone = utc,
                                 .priority = priority,
                                 .target = "merge",
                                 .appeared_at = T0,
                                 .started_at = SCHEDULE_NEVER_MS,
                                 .ended_at = SCHEDULE_NEVER_MS,
                                 .requested_at = SCHEDULE_NEVER_MS,
                                 .inputs_at = SCHEDULE_NEVER_MS};
    struct err err = {0};
    if (cron)
        cr_assert_eq(cron_parse(str_from(cron), &job->cron, &err), 0);
    return job;
}

/* "2 0 1": what is started at that time, in order. */
static const char *start(int64_t now)
{
    for (size_t i = 0; i < count; i++)
        due[i] = schedule_due(&jobs[i], &limits);
    struct schedule_plan plan = schedule_plan(arena, jobs, due, count, NULL, 0, &limits, now);
    const char *out = "";
    for (size_t i = 0; i < plan.count; i++)
        out = arena_printf(arena, "%s%s%zu", out, *out ? " " : "", plan.start[i]);
    return out;
}

Test(schedule_plan, what_never_ran_is_due_at_once_and_then_by_its_cron)
{
    struct schedule_job *job = add("*/10 * * * *", PRIORITY_MEDIUM);
    cr_expect_eq(schedule_due(job, &limits), T0);
    job->started_at = T0 + 3 * MINUTE;
    cr_expect_eq(schedule_due(job, &limits), T0 + 10 * MINUTE);
    cr_expect_str_eq(start(T0 + 10 * MINUTE - 1), "");
    cr_expect_str_eq(start(T0 + 10 * MINUTE), "0");
}

Test(schedule_plan, missed_runs_are_one)
{
    struct schedule_job *job = add("*/10 * * * *", PRIORITY_MEDIUM);
    job->started_at = T0;
    cr_expect_str_eq(start(T0 + 5 * HOUR), "0");
    job->started_at = T0 + 5 * HOUR; /* the one that stands for thirty */
    cr_expect_eq(schedule_due(job, &limits), T0 + 5 * HOUR + 10 * MINUTE);
}

Test(schedule_plan, a_cron_follows_the_clock_of_its_zone)
{
    struct err err = {0};
    struct schedule_job *job = add("0 9 * * *", PRIORITY_MEDIUM);
    cr_assert_eq(zone_load(arena, "America/New_York", &job->zone, &err), 0, "%s", err.text);
    job->started_at = T0;
    cr_expect_eq(schedule_due(job, &limits), T0 + 14 * HOUR);
    job->started_at = T0 + 6 * 24 * HOUR; /* clocks went forward that night */
    cr_expect_eq(schedule_due(job, &limits), T0 + (6 * 24 + 13) * (int64_t)HOUR);
}

Test(schedule_plan, never_two_runs_of_a_job_and_none_while_it_is_paused_or_retired)
{
    struct schedule_job *job = add("* * * * *", PRIORITY_CRITICAL);
    job->state = SCHEDULE_CLOSED;
    cr_expect_eq(schedule_due(job, &limits), INT64_MAX);
    job->requested_at = T0 + HOUR;
    cr_expect_eq(schedule_due(job, &limits), INT64_MAX);
    cr_expect_str_eq(start(T0 + 2 * HOUR), "");
}

Test(schedule_plan, a_failed_job_is_tried_again_after_a_pause_that_grows)
{
    static const int64_t pauses[] = {10, 20, 40, 80, 160, 320, 640, 900, 900};
    struct schedule_job *job = add("* * * * *", PRIORITY_MEDIUM);
    job->state = SCHEDULE_FAILED;
    job->started_at = T0;
    job->ended_at = T0 + 1;
    for (int i = 0; i < 9; i++) {
        job->attempts = i + 1;
        cr_expect_eq(schedule_due(job, &limits), T0 + 1 + pauses[i] * SECOND, "%d", i);
    }
    job->requested_at = T0 + 2; /* nobody has to wait for it */
    cr_expect_eq(schedule_due(job, &limits), T0 + 2);
}

Test(schedule_plan, a_transformer_runs_after_any_input_once_all_have_committed)
{
    struct schedule_job *job = add(NULL, PRIORITY_MEDIUM);
    cr_expect_eq(schedule_due(job, &limits), INT64_MAX);
    job->inputs_at = T0 + MINUTE;
    cr_expect_eq(schedule_due(job, &limits), T0 + MINUTE);
    job->started_at = T0 + MINUTE + 1;
    cr_expect_eq(schedule_due(job, &limits), INT64_MAX);
    job->inputs_at = T0 + 2 * MINUTE; /* committed while it ran: it runs again */
    cr_expect_eq(schedule_due(job, &limits), T0 + 2 * MINUTE);
}

Test(schedule_plan, what_others_schedule_runs_only_when_asked_for)
{
    struct schedule_job *job = add(NULL, PRIORITY_MEDIUM);
    job->trigger = SCHEDULE_EXTERNAL;
    cr_expect_eq(schedule_due(job, &limits), INT64_MAX);
    job->state = SCHEDULE_FAILED;
    job->ended_at = T0;
    cr_expect_eq(schedule_due(job, &limits), INT64_MAX);
    job->requested_at = T0 + 5;
    cr_expect_eq(schedule_due(job, &limits), T0 + 5);
    job->started_at = T0 + 6;
    cr_expect_eq(schedule_due(job, &limits), INT64_MAX);
}

Test(schedule_plan, a_process_that_ended_without_a_run_is_not_started_at_once_again)
{
    struct schedule_job *job = add("* * * * *", PRIORITY_MEDIUM);
    job->not_before = T0 + MINUTE;
    cr_expect_eq(schedule_due(job, &limits), T0 + MINUTE);
}

Test(schedule_plan, higher_priorities_go_first_and_waiting_counts)
{
    add("* * * * *", PRIORITY_LOW)->appeared_at = T0;
    add("* * * * *", PRIORITY_CRITICAL)->appeared_at = T0 + 2;
    add("* * * * *", PRIORITY_MEDIUM)->appeared_at = T0 + 1;
    add("* * * * *", PRIORITY_HIGH)->appeared_at = T0 + 3;
    add("* * * * *", PRIORITY_HIGH)->appeared_at = T0 + 2;
    limits.jobs = 10;
    limits.per_target = 10;
    cr_expect_str_eq(start(T0 + 3), "1 4 3 2 0");
    /* a low one that waited for three steps is before a critical one that came just now */
    jobs[1].appeared_at = T0 + 3 * 5 * MINUTE + 1;
    cr_expect_str_eq(start(T0 + 3 * 5 * MINUTE + 1), "4 3 2 0 1");
}

/* Room for one job; critical ones come all the time, each a little after the one before. */
Test(schedule_plan, a_low_priority_never_starves)
{
    limits.jobs = 1;
    add("0 0 1 1 *", PRIORITY_LOW);
    add("* * * * *", PRIORITY_CRITICAL);
    add("* * * * *", PRIORITY_CRITICAL);
    int64_t now = T0;
    for (; now < T0 + HOUR; now += 40 * SECOND) {
        const char *first = start(now);
        if (strcmp(first, "0") == 0)
            break;
        jobs[*first - '0'].started_at = now;
    }
    cr_expect_lt(now, T0 + 20 * MINUTE, "%lld", (long long)(now - T0));
}

Test(schedule_plan, limits_hold_in_all_by_source_and_by_target_and_others_pass)
{
    for (int i = 0; i < 6; i++) {
        struct schedule_job *job = add("* * * * *", PRIORITY_MEDIUM);
        job->source = i < 4 ? "crm" : "erp";
        job->appeared_at = T0 + i;
    }
    cr_expect_str_eq(start(T0 + MINUTE), "0 1 4 5");
    limits.jobs = 3;
    cr_expect_str_eq(start(T0 + MINUTE), "0 1 4");
    limits.jobs = 10;
    limits.per_target = 3;
    cr_expect_str_eq(start(T0 + MINUTE), "0 1 4");
    jobs[5].target = "other";
    cr_expect_str_eq(start(T0 + MINUTE), "0 1 4 5");
}

Test(schedule_plan, what_runs_already_counts_and_the_next_time_is_told)
{
    static const struct schedule_running running[] = {{"crm", "merge", true}, {NULL, "merge", false}};
    add("* * * * *", PRIORITY_MEDIUM)->source = "crm";
    add("* * * * *", PRIORITY_MEDIUM)->source = "crm";
    add("*/30 * * * *", PRIORITY_MEDIUM)->started_at = T0;
    for (size_t i = 0; i < count; i++)
        due[i] = schedule_due(&jobs[i], &limits);
    struct schedule_plan plan = schedule_plan(arena, jobs, due, count, running, 2, &limits, T0);
    cr_expect_eq(plan.count, 1);
    cr_expect_eq(plan.waiting, 1);
    cr_expect_eq(plan.next, T0 + 30 * MINUTE);
}

/* 200 jobs a minute through 4 places, each for a second: all are done, each once, every minute. */
Test(schedule_plan, two_hundred_jobs_a_minute_all_have_their_turn)
{
    static struct schedule_job many[200];
    static int64_t when[200], ends[200];
    static int runs[200];
    struct schedule_job like = *add("* * * * *", PRIORITY_MEDIUM);
    for (size_t i = 0; i < 200; i++) {
        many[i] = like;
        many[i].priority = (enum priority)(i % 4);
        many[i].started_at = T0 - MINUTE + 1;
        ends[i] = INT64_MAX;
    }
    for (int64_t now = T0; now < T0 + 10 * MINUTE; now += SECOND) {
        struct schedule_running running[4];
        size_t n = 0;
        for (size_t i = 0; i < 200; i++) {
            if (ends[i] <= now) {
                ends[i] = INT64_MAX;
                many[i].state = SCHEDULE_READY;
            }
            if (ends[i] != INT64_MAX)
                running[n++] = (struct schedule_running){NULL, "merge", false};
            when[i] = schedule_due(&many[i], &limits);
        }
        struct arena *tick = arena_new();
        struct schedule_plan plan = schedule_plan(tick, many, when, 200, running, n, &limits, now);
        for (size_t k = 0; k < plan.count; k++) {
            size_t i = plan.start[k];
            cr_assert_eq(many[i].state, SCHEDULE_READY);
            many[i].state = SCHEDULE_CLOSED;
            many[i].started_at = now;
            ends[i] = now + SECOND;
            runs[i]++;
        }
        arena_free(tick);
    }
    for (size_t i = 0; i < 200; i++)
        cr_expect_eq(runs[i], 10, "%zu: %d", i, runs[i]);
}
