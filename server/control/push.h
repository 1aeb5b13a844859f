#ifndef YELLOW_CONTROL_PUSH_H
#define YELLOW_CONTROL_PUSH_H

#include "control/forge.h"
#include "git/git.h"
#include "store/delivery.h"
#include "store/ecosystem.h"

/* What a delivery asks for. */
struct push {
    const char *ref;
    char commit[GIT_OID_TEXT];       /* "": whatever the head of the branch is (POST merges, polling) */
    const struct forge_pull *closed; /* a pull request that is no longer open; NULL: none is */
    const struct forge_pull *pull;   /* instead of both: this is to be planned; NULL: a push */
    const char *found;               /* how, when no webhook told of it: for who reads the delivery; else NULL */
};

/* Reads the payload. True: it is decided already, without looking at the repository, and *outcome says how (another
 * event or branch, a deleted branch, nonsense); texts on the arena. False: *out is to be merged,
 * or planned. */
bool push_decide(struct arena *arena, const struct delivery_claim *claim, const struct ecosystem_row *ecosystem,
                 struct push *out, struct delivery_outcome *outcome);

#endif
