#ifndef YELLOW_MODEL_JOB_H
#define YELLOW_MODEL_JOB_H

#include "model/model.h"

/* From model to jobs (DOMAIN.md sections 5 and 6): the streams and transformers that exist because somebody consumes
 * them, each on one data platform. */
enum job_kind { JOB_STREAM, JOB_TRANSFORMER };
extern const char *const job_kind_names[]; /* "stream", "transformer" */

struct job {
    enum job_kind kind;
    const char *psp, *platform; /* data platform names are unique in an ecosystem */
    const char *name;           /* stream: "store" or "store.dataset"; transformer: its name */
    const char *store, *dataset; /* stream; dataset NULL for multi-dataset consistency. transformer: store is its output */
    const char *workspace;      /* transformer: whose it is; NULL for a stream */
    const char *team;           /* "zone/team" */
    const char *capture;        /* "sql-snapshot", ..., "transformer" ; for a transformer job: its code type */
    const char *schedule;       /* cron, "external", or "inputs" / "transformer:NAME" (runs after it) */
    enum milestoning milestoning;
    enum priority priority;     /* the highest of the workspaces it feeds, through transformers too */
    struct texts feeds;         /* workspaces, sorted */
    struct texts inputs;        /* transformer: stream names it reads, sorted */
    struct resource_level levels[6]; /* without the API hint, which the store adds in front; ordered */
    size_t level_count;
    struct resource_resolution resolved; /* by levels alone */
};

struct jobs { struct job *items; size_t count; }; /* sorted by kind, platform, name */

/* findings: what can only be seen here (a group that fits no platform, request over limit after resolution, ...). */
struct jobs model_jobs(struct arena *arena, const struct model *model, struct findings *findings);

#endif
