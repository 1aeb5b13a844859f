#ifndef YELLOW_CONTROL_FORGE_H
#define YELLOW_CONTROL_FORGE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"

#include <stdbool.h>

/* What differs between the forges, as one table: how they sign a webhook, where its event and its id stand, what the
 * events are called, and where a payload keeps what Yellow asks of it. */

enum forge_signature {
    FORGE_HMAC,          /* HMAC-SHA-256 of the body in lower-case hexadecimal */
    FORGE_HMAC_PREFIXED, /* the same after "sha256=" */
    FORGE_TOKEN          /* the secret itself; all that GitLab has */
};

enum forge_event { FORGE_OTHER, FORGE_PUSH, FORGE_PULL, FORGE_PING };

/* A push to one branch, as the payload tells it. */
struct forge_push {
    const char *ref, *after; /* after: NULL when the branch was deleted */
};

/* A pull (merge) request after something happened to it. */
struct forge_pull {
    const char *number;             /* of the repository: "17" */
    const char *head, *head_branch; /* head: a commit id; of Bitbucket its first twelve digits */
    const char *base_branch;
    bool open;      /* not merged, closed or declined */
    json_t *labels; /* of texts; borrowed from the arena; empty where the forge has none */
    /* The labels that this very event put on it; a label that stands there from before says nothing of a newer head. */
    json_t *labelled;
    bool labelling;     /* it may have put labels on, and does not say which */
    const char *sender; /* who did it; NULL: not told */
    const char *fork;   /* the other repository that the head is in; NULL: the same, or not told */
};

struct forge {
    const char *name; /* in the path, in deliveries: "github" */
    const char *event_header, *id_header, *signature_header;
    enum forge_signature signature;
    const char *pushes, *pulls, *pings; /* event names, each followed by a comma */
    bool labels;                        /* its pull requests have labels */
    const char *pull_ref; /* where the repository has the head of a pull request, also of a fork's; %s: its number */
    /* Texts are borrowed from payload or on the arena. False with *why for people when the payload is not what the
     * forge sends. branch: the one that is followed, where a payload may tell of several. */
    bool (*read_push)(struct arena *arena, json_t *payload, const char *branch, struct forge_push *out,
                      const char **why);
    bool (*read_pull)(struct arena *arena, json_t *payload, struct forge_pull *out, const char **why);
};

/* NULL for an unknown name. */
const struct forge *forge_find(const char *name);
/* The same; an unknown name is an error of this code, which says the known ones. */
int forge_get(const char *name, enum err_code code, const struct forge **out, struct err *err);
extern const struct forge forges[];
extern const size_t forge_count;
enum forge_event forge_event(const struct forge *forge, const char *event);
/* Whether signature, as it stands in the header (NULL: absent), is that of body under the secret. Takes as long for a
 * wrong one as for a right one. */
bool forge_is_signed(const struct forge *forge, struct str secret, const char *signature, struct str body);

#endif
