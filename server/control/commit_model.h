#ifndef YELLOW_CONTROL_COMMIT_MODEL_H
#define YELLOW_CONTROL_COMMIT_MODEL_H

#include "control/commit.h"
#include "model/job.h"
#include "store/ecosystem.h"

/* The model of one commit, read and checked, among what other repositories had in force: immutable, counted references,
 * all on one arena. */
struct commit_model {
    const char *ecosystem, *repo, *folder;
    int among;              /* the version that has the others' part; 0: there are no others */
    const char *pusher;     /* who read it, as an owner */
    struct git_files files; /* without their bytes */
    struct unit **units;    /* of each file */
    struct model *model;
    bool loaded; /* without errors of reading: what is not in the model is not in the commit */
    struct findings findings;
    struct checked checked;
    struct jobs jobs; /* none when something is wrong; of jobs_of, when that made the same ones */
    bool plain;       /* nothing was found in its jobs and stacks */
    struct commit_model *jobs_of;
};

/* What this process has read last of each repository, within a number of bytes: the next commit is read by what
 * differs. Any thread. */
struct commit_models;
struct commit_models *commit_models_new(size_t most_bytes);
void commit_models_free(struct commit_models *models);

/* Reads and checks the model of a commit of the repository's mirror, with what the others have in the snapshot (NULL:
 * there are none): only the files that differ from those of the last one (that
 * of service->models; NULL: all files). What is wrong with the tree itself goes to findings, and *out is NULL then.
 * Fails only with what may heal. The caller gives *out back with commit_model_release. */
int commit_model_make(const struct commit_service *service, const struct ecosystem_row *ecosystem,
                      const struct snapshot *others, const char *oid, struct findings *findings,
                      struct commit_model **out, struct err *err);
struct commit_model *commit_model_retain(struct commit_model *made);
void commit_model_release(struct commit_model *made); /* NULL allowed */

#endif
