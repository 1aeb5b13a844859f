#ifndef YELLOW_CONTROL_PLANNING_H
#define YELLOW_CONTROL_PLANNING_H

#include "control/candidate.h"

/* What a commit would do if it came in force now: nothing is written but to the mirror. */

struct planned {
    struct candidate candidate; /* whoever asked disposes of it */
    json_t *document;           /* stack/plan_document.h, with "ref" and "commit"; on the arena */
};

/* The commit that ref names: the name of a branch, which is fetched, or a commit's id (seven digits at least) that the
 * mirror or the followed branch has. ERR_INVALID: there is no such thing. */
int planning_find(const struct commit_service *service, struct arena *arena, const struct ecosystem_row *ecosystem,
                  const char *ref, char oid[GIT_OID_TEXT], struct err *err);
/* The plan of a commit of the mirror against the version in force; ref is shown with it. */
int planning_make(const struct commit_service *service, struct arena *arena, const struct ecosystem_row *ecosystem,
                  const char *ref, const char *oid, struct planned *out, struct err *err);

#endif
