#include "control/transition.h"

#include <string.h>

const struct transition transitions[] = {
    {MACHINE_JOB, "idle", EVENT_START, "running", "nobody holds the lease"},
    {MACHINE_JOB, "failed", EVENT_START, "running", "a failure is retried, as the same batch"},
    {MACHINE_JOB, "lost", EVENT_START, "running", "the lost run's batch is taken up again under a higher fence"},
    {MACHINE_JOB, "running", EVENT_COMMIT, "idle", "the batch is in"},
    {MACHINE_JOB, "running", EVENT_FAIL, "failed", "shown with its cause until the next run"},
    {MACHINE_JOB, "running", EVENT_CANCEL, "idle", "asked for, so nothing that needs attention"},
    {MACHINE_JOB, "running", EVENT_LOSE, "lost", "its run went silent"},
    {MACHINE_JOB, "lost", EVENT_COMMIT, "idle", "the run was only silent: its fence is still the newest"},
    {MACHINE_JOB, "lost", EVENT_FAIL, "failed", "the late report tells the real cause"},
    {MACHINE_JOB, "lost", EVENT_CANCEL, "idle", "the late report says that it stopped as asked"},
    {MACHINE_JOB, "idle", EVENT_RETIRE, "retired", "nobody consumes it any more"},
    {MACHINE_JOB, "running", EVENT_RETIRE, "retired", "its run may still finish"},
    {MACHINE_JOB, "failed", EVENT_RETIRE, "retired", "a failure of what is gone needs no attention"},
    {MACHINE_JOB, "lost", EVENT_RETIRE, "retired", "a failure of what is gone needs no attention"},
    {MACHINE_JOB, "retired", EVENT_MAINTAIN, "retired", "its tables are dropped"},
    {MACHINE_JOB, "retired", EVENT_REVIVE, "idle", "it continues with its next batch"},
    {MACHINE_JOB, "retired", EVENT_COMMIT, "retired", "the run was under way when the job retired"},
    {MACHINE_JOB, "retired", EVENT_FAIL, "retired", "the run was under way when the job retired"},
    {MACHINE_JOB, "retired", EVENT_CANCEL, "retired", "the run was under way when the job retired"},
    {MACHINE_JOB, "retired", EVENT_LOSE, "retired", "the run was under way when the job retired"},
    {MACHINE_JOB, "idle", EVENT_PAUSE, "paused", "nothing starts it until it is resumed"},
    {MACHINE_JOB, "failed", EVENT_PAUSE, "paused", "its batch stays open"},
    {MACHINE_JOB, "lost", EVENT_PAUSE, "paused", "its batch stays open"},
    {MACHINE_JOB, "running", EVENT_PAUSE, "paused", "its run may still finish"},
    {MACHINE_JOB, "paused", EVENT_RESUME, "idle", "it goes on where it was; running, if its run is still there"},
    {MACHINE_JOB, "paused", EVENT_COMMIT, "paused", "the run was under way when the job was paused"},
    {MACHINE_JOB, "paused", EVENT_FAIL, "paused", "the run was under way when the job was paused"},
    {MACHINE_JOB, "paused", EVENT_CANCEL, "paused", "the run was under way when the job was paused"},
    {MACHINE_JOB, "paused", EVENT_LOSE, "paused", "the run was under way when the job was paused"},
    {MACHINE_JOB, "paused", EVENT_RETIRE, "retired", "nobody consumes it any more"},
    /* After retiring and coming back while its last run was lost. */
    {MACHINE_JOB, "idle", EVENT_COMMIT, "idle", "a late report of the newest run"},
    {MACHINE_JOB, "idle", EVENT_FAIL, "failed", "a late report of the newest run"},
    {MACHINE_JOB, "idle", EVENT_CANCEL, "idle", "a late report of the newest run"},

    {MACHINE_RUN, "", EVENT_START, "running", "it holds the lease and the next fence"},
    {MACHINE_RUN, "running", EVENT_HEARTBEAT, "running", "the lease grows"},
    {MACHINE_RUN, "running", EVENT_INGESTED, "running", "ingest and merge are one run"},
    {MACHINE_RUN, "running", EVENT_COMMIT, "committed", "the merge database has the batch"},
    {MACHINE_RUN, "running", EVENT_FAIL, "failed", "it says so itself"},
    {MACHINE_RUN, "running", EVENT_CANCEL, "cancelled", "it stopped as asked"},
    {MACHINE_RUN, "running", EVENT_LOSE, "lost", "its lease passed"},
    /* The merge database checks fences: while no newer run started, a lost one may have committed, and its report is
     * the truth. It gets no lease again: whoever went silent once asks for a new run. */
    {MACHINE_RUN, "lost", EVENT_COMMIT, "committed", "a late report of the newest run"},
    {MACHINE_RUN, "lost", EVENT_FAIL, "failed", "a late report of the newest run"},
    {MACHINE_RUN, "lost", EVENT_CANCEL, "cancelled", "a late report of the newest run"},

    {MACHINE_BATCH, "", EVENT_START, "started", "the first batch"},
    {MACHINE_BATCH, "committed", EVENT_START, "started", "the next batch id"},
    {MACHINE_BATCH, "started", EVENT_START, "started", "the same batch again: its run was lost"},
    {MACHINE_BATCH, "ingested", EVENT_START, "started", "the same batch again: staging starts anew"},
    {MACHINE_BATCH, "failed", EVENT_START, "started", "the same batch again"},
    {MACHINE_BATCH, "started", EVENT_INGESTED, "ingested", "everything is staged"},
    {MACHINE_BATCH, "ingested", EVENT_INGESTED, "ingested", "said twice"},
    {MACHINE_BATCH, "started", EVENT_COMMIT, "committed", "the report of ingestion need not have arrived"},
    {MACHINE_BATCH, "ingested", EVENT_COMMIT, "committed", "all datasets are merged"},
    {MACHINE_BATCH, "started", EVENT_FAIL, "failed", "it stays open to be retried"},
    {MACHINE_BATCH, "ingested", EVENT_FAIL, "failed", "it stays open to be retried"},
    {MACHINE_BATCH, "started", EVENT_CANCEL, "failed", "it stays open to be retried, with cause cancelled"},
    {MACHINE_BATCH, "ingested", EVENT_CANCEL, "failed", "it stays open to be retried, with cause cancelled"},
    {MACHINE_BATCH, "started", EVENT_LOSE, "started", "nobody knows how far it came"},
    {MACHINE_BATCH, "ingested", EVENT_LOSE, "ingested", "nobody knows how far it came"},
};
const size_t transition_count = sizeof transitions / sizeof *transitions;

static const char *const verbs[] = {
    [EVENT_START] = "start",     [EVENT_HEARTBEAT] = "heartbeat", [EVENT_INGESTED] = "be ingested",
    [EVENT_COMMIT] = "commit",   [EVENT_FAIL] = "fail",           [EVENT_CANCEL] = "be cancelled",
    [EVENT_LOSE] = "be lost",    [EVENT_RETIRE] = "retire",       [EVENT_REVIVE] = "come back",
    [EVENT_PAUSE] = "be paused", [EVENT_RESUME] = "be resumed",   [EVENT_MAINTAIN] = "start",
};

const struct transition *transition_find(enum machine machine, const char *from, enum event event)
{
    for (const struct transition *t = transitions; t < transitions + transition_count; t++)
        if (t->machine == machine && t->event == event && strcmp(t->from, from) == 0)
            return t;
    return NULL;
}

int transition_move(enum machine machine, const char *object, const char *from, enum event event, const char **to,
                    struct err *err)
{
    const struct transition *t = transition_find(machine, from, event);
    if (!t)
        return err_set(err, ERR_CONFLICT, "%s is %s: it cannot %s", object, from, verbs[event]);
    *to = t->to;
    return 0;
}
