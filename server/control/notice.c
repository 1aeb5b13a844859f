#include "control/notice.h"

static void version_changed(const struct notice_targets *targets, const char *ecosystem)
{
    if (targets->snapshots)
        snapshots_invalidate(targets->snapshots, ecosystem);
    if (targets->statuses)
        statuses_invalidate(targets->statuses, ecosystem);
    if (targets->scheduler)
        scheduler_wake(targets->scheduler);
}

static void jobs_changed(const struct notice_targets *targets, const char *ecosystem)
{
    if (targets->statuses)
        statuses_invalidate(targets->statuses, ecosystem);
    if (targets->scheduler)
        scheduler_wake(targets->scheduler);
}

static void holds_changed(const struct notice_targets *targets, const char *ecosystem)
{
    if (targets->statuses)
        statuses_invalidate(targets->statuses, ecosystem);
}

static void inbox_changed(const struct notice_targets *targets, const char *ecosystem)
{
    (void)ecosystem;
    if (targets->workers)
        commit_workers_wake(targets->workers);
}

static void tokens_changed(const struct notice_targets *targets, const char *ecosystem)
{
    (void)ecosystem;
    if (targets->auth)
        auth_invalidate(targets->auth);
}

/* The first word of a payload; the second is the ecosystem. */
static const struct {
    const char *word;
    void (*take)(const struct notice_targets *targets, const char *ecosystem);
    bool names_ecosystem;
} kinds[] = {
    {"inbox", inbox_changed, false}, {"version", version_changed, true}, {"jobs", jobs_changed, true},
    {"holds", holds_changed, true},  {"tokens", tokens_changed, false},
};

static void heard(const struct notice_targets *targets)
{
    if (targets->statuses)
        statuses_heard(targets->statuses);
}

void notice_take(void *ctx, const char *payload)
{
    heard(ctx);
    struct str rest = str_from(payload), word = str_cut(&rest, ' '), name = str_cut(&rest, ' ');
    char ecosystem[64] = "";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!str_eqz(word, kinds[i].word))
            continue;
        if (kinds[i].names_ecosystem) {
            if (!str_is_name(name))
                return;
            memcpy(ecosystem, name.data, name.len); /* a name has at most 63 bytes */
        }
        kinds[i].take(ctx, ecosystem);
        return;
    }
}

void notice_take_gap(void *ctx)
{
    version_changed(ctx, NULL);
    inbox_changed(ctx, NULL);
    tokens_changed(ctx, NULL);
    heard(ctx);
}
