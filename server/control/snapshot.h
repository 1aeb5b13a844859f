#ifndef YELLOW_CONTROL_SNAPSHOT_H
#define YELLOW_CONTROL_SNAPSHOT_H

#include "model/job.h"
#include "pg/pool.h"

/* One model version of one ecosystem in memory: immutable, counted references. */
struct snapshot {
    const char *ecosystem;
    int version;      /* 0: the ecosystem has no version yet; model is NULL then */
    const char *repo; /* that was pushed, as of struct ecosystem_row */
    char commit_oid[41];
    const char *path; /* the folder of that repository that was read */
    struct model *model;
    struct jobs jobs;
    bool written; /* this process wrote its rows: those of its jobs are what this program makes of it */
};

struct snapshots;

struct snapshots *snapshots_new(struct pg_pool *pool);
void snapshots_free(struct snapshots *snapshots);
/* The version in force (version 0) or an older one. A reference that the caller gives back with snapshot_release. The
 * one in force comes from memory; SQL runs only when it is not there yet. ERR_NOT_FOUND for an unknown ecosystem or
 * version. */
int snapshots_get(struct snapshots *snapshots, const char *ecosystem, int version, struct snapshot **out,
                  struct err *err);
void snapshot_release(struct snapshot *snapshot);
/* Puts the version that this process has just committed in force here, so that nobody has to load it. made has the
 * model, base is the snapshot before it (NULL: none); both are kept as long as they are needed. */
struct commit_model;
struct snapshot_of {
    const char *ecosystem;
    int version;
    const char *repo, *commit_oid, *path;
};
void snapshots_put(struct snapshots *snapshots, const struct snapshot_of *of, struct commit_model *made,
                   const struct snapshot *base);
/* What memory has of the ecosystem (NULL: of all) may be old: the next get reads the database. Called after a merge of
 * this process and by the listener. */
void snapshots_invalidate(struct snapshots *snapshots, const char *ecosystem);

#endif
