#ifndef YELLOW_CONTROL_FORGE_API_H
#define YELLOW_CONTROL_FORGE_API_H

#include "control/forge.h"
#include "http/client.h"

/* How each forge is told something over its own API: requests and what answers mean. Pure: nothing is sent here. */

struct forge_address {
    const struct forge *forge;
    const char *api;        /* "https://api.github.com", without a slash at its end */
    const char *repository; /* "acme/data-model" */
    const char *token;      /* the name of the one to send; NULL: the one that the server has for the API's host */
};

/* Where the API of the forge is when nobody says otherwise; NULL for those that everybody runs themselves. */
const char *forge_default_api(const struct forge *forge);

enum forge_state { FORGE_PENDING, FORGE_SUCCESS, FORGE_FAILURE, FORGE_STATE_COUNT };
extern const char *const forge_state_names[FORGE_STATE_COUNT]; /* "pending", ... */

/* Requests without the token; bodies and URLs are on the arena. */
void forge_status_request(struct arena *arena, const struct forge_address *address, const char *commit,
                          enum forge_state state, const char *context, const char *description,
                          struct http_client_request *out);
/* id: of the comment to change; NULL: a new one. */
void forge_comment_request(struct arena *arena, const struct forge_address *address, const char *pull, const char *id,
                           const char *text, struct http_client_request *out);
/* "Authorization: Bearer ..." and the like; on the arena. */
const char *forge_auth_header(struct arena *arena, const struct forge *forge, const char *token);

/* What an answer means. */
enum forge_answer {
    FORGE_DONE,
    FORGE_LATER,   /* a failure of the forge */
    FORGE_LIMITED, /* it has been asked too often: nothing is to be sent to this API for a while */
    FORGE_GONE,    /* what was to be changed is not there (any more) */
    FORGE_REFUSED
};
/* *wait_ms: how long the forge asks to wait; 0 when it says nothing. Of FORGE_DONE, when this was the last request that
 * it grants for now. now_s: seconds since 1970. */
enum forge_answer forge_read_answer(const struct http_client_response *response, int64_t now_s, int64_t *wait_ms);
/* The id of a comment in the answer that made it, as text on the arena; NULL when there is none. */
const char *forge_comment_id(struct arena *arena, struct str body);

#endif
