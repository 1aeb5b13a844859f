#ifndef YELLOW_CONTROL_CANDIDATE_H
#define YELLOW_CONTROL_CANDIDATE_H

#include "control/commit.h"
#include "control/commit_model.h"
#include "control/law.h"
#include "store/ecosystem.h"

/* A commit of the mirror as a model that may come in force: read and checked, and judged against a version. */
struct candidate {
    const struct ecosystem_row *ecosystem; /* by the repository of the commit */
    struct git_commit_info commit;
    struct findings findings;  /* all of them, sorted: also against the version, once it was judged */
    struct findings checked;   /* those of the model alone: what comes from the version is judged again with it */
    struct commit_model *read; /* NULL: the files could not even be read; it has the model and its jobs */
    const struct model *model;
    bool loaded; /* without errors of reading: what is not in the model is not in the commit */
    struct jobs jobs;
    struct snapshot *base; /* what it was judged against; NULL before the first version */
    struct law_verdict verdict;
};

/* Reads and checks the commit of ecosystem's repository, among what the other repositories have in force in the version
 * (0: nothing is). What is wrong with it becomes findings; fails only with what may heal. Everything but
 * base, which candidate_dispose gives back, lives on the arena. */
int candidate_read(const struct commit_service *service, struct arena *arena, const struct ecosystem_row *ecosystem,
                   int version, const char *oid, struct candidate *out, struct err *err);
/* Judges and plans against a version that is, or was, in force (0: none), of a candidate that has loaded. May be called
 * again with another version. */
int candidate_judge(const struct commit_service *service, struct candidate *candidate, int version, struct err *err);
void candidate_dispose(struct candidate *candidate);

#endif
