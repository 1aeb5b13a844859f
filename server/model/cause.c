#include "model/cause.h"

#include "base/arena.h"

#include <string.h>

const char cause_lost[] = "lost", cause_cancelled[] = "cancelled", cause_server_behind[] = "server-behind";

const struct cause causes[] = {
    {"source-unreachable", "the source did not answer", "check the container's address and that the source is up", true,
     10},
    {"credential-refused", "the source or the merge database refused the credential",
     "renew the credential's value where the platform keeps it", true, 11},
    {"schema-changed", "the source's schema changed in mid-batch",
     "nothing, if the model has the new schema: the next run starts the batch again on it", true, 12},
    {"bad-data-over-limit", "more rows were bad than the capture allows",
     "read the quarantined rows, then mend the source or raise the limit", true, 13},
    {"out-of-memory", "the run exceeded its memory limit", "raise limits.memory with a hint", true, EXIT_OUT_OF_MEMORY},
    {cause_lost, "the run went silent and its lease passed", "look for a killed process or pod, then run it again",
     false, 6},
    {cause_cancelled, "somebody stopped the run", "run it again when it may go on", false, 5},
    {"target-error", "the merge database refused or failed the batch", "read the message; check space and rights", true,
     14},
    {"source-error", "the source answered with an error", "read the message; try the same read by hand", true, 15},
    {"transform-failed", "the transformer's code failed", "read the message; its last output stays in force", true, 16},
    {"configuration", "the run could not start as configured", "check image, parameters and credentials of the job",
     true, 17},
    {"merge-behind", "the merge database is at an earlier batch than the server: it was restored or emptied",
     "`yellow stream reset` goes on from what it has, `yellow stream resnapshot` reads all of the source again", true,
     19},
    {cause_server_behind, "the merge database knows a newer run than the server, which was restored",
     "nothing: the next run is newer than that", true, 20},
    {"internal", "a defect of Yellow", "report it with the run's number", true, 18},
};
const size_t cause_count = sizeof causes / sizeof *causes;

const struct cause *cause_find(const char *name)
{
    for (const struct cause *cause = causes; name && cause < causes + cause_count; cause++)
        if (strcmp(cause->name, name) == 0)
            return cause;
    return NULL;
}
