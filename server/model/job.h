#ifndef YELLOW_MODEL_JOB_H
#define YELLOW_MODEL_JOB_H

#include "model/fields.h"
#include "model/model.h"

/* From model to jobs (DOMAIN.md sections 5 and 6): the streams and transformers that exist because somebody consumes
 * them, each on one data platform. */
enum job_kind { JOB_STREAM, JOB_TRANSFORMER };
extern const char *const job_kind_names[];     /* "stream", "transformer" */
enum job_kind job_kind_from(const char *name); /* one of these */

enum { JOB_LEVELS = 10 };

struct job {
    enum job_kind kind;
    const char *psp, *platform; /* data platform names are unique in an ecosystem */
    const char *name;           /* stream: "store" or "store.dataset"; transformer: its name */
    const char *store,
        *dataset;          /* stream; dataset NULL for multi-dataset consistency. transformer: store is its output */
    const char *workspace; /* transformer: whose it is; NULL for a stream */
    const char *team;      /* "zone/team" */
    const char *capture;   /* "sql-snapshot", ..., "transformer" ; for a transformer job: its code type */
    const char *schedule;  /* cron, "external", or "inputs" / "transformer:NAME" (runs after it) */
    const char *timezone;  /* of a cron: its own, else its PSP's, else "UTC" */
    enum milestoning milestoning;
    enum priority priority;                   /* the highest of the workspaces it feeds, through transformers too */
    struct texts feeds;                       /* workspaces, sorted */
    struct texts inputs;                      /* transformer: stream names it reads, sorted */
    struct resource_level levels[JOB_LEVELS]; /* those that give a value, and the system default; without the
                                                API hint, which the store adds in front; ordered */
    size_t level_count;
    struct resource_resolution resolved; /* by levels alone; empty after a finding about it */
};

struct jobs {
    struct job *items;
    size_t count;
}; /* sorted by kind, platform, name */

/* Their order. */
int job_compare(const struct job *a, const struct job *b);
/* Whether nothing differs, levels and where they come from included. */
bool job_same(const struct job *a, const struct job *b);

/* findings: what can only be seen here (a group that fits no platform, request over limit after resolution, ...). */
struct jobs model_jobs(struct arena *arena, const struct model *model, struct findings *findings);
/* Whether the platform carries the group: by name, or by milestoning and a latency that is as good. A platform without
 * a latency fits any. */
bool group_fits(const struct group *group, const struct data_platform *platform);
/* Where a job stands and what it is, for plan_make: "capture", "feeds", "resources", ... */
extern const struct table job_table;

#endif
