#ifndef YELLOW_TESTS_API_ASK_H
#define YELLOW_TESTS_API_ASK_H

#include "api/app.h"
#include "control/flow.h"
#include "http/dispatch.h"

/* Handlers driven through the dispatcher, without sockets, on a flow's database and repository. */
struct ask {
    struct flow flow;
    struct app app;
    struct http_dispatcher *dispatcher;
    /* the answer to the last request */
    struct arena *arena;
    struct http_request req;
    struct http_response res;
    json_t *json; /* of its body, NULL when it is not JSON */
};

void ask_init(struct ask *ask);
void ask_dispose(struct ask *ask);
/* Sends METHOD target with the admin's token and gives the status. headers: "Name: value" texts ended by NULL, or NULL.
 * A body is of type application/json unless headers say otherwise. */
int ask(struct ask *ask, enum http_method method, const char *target, const char *body, const char *const *headers);
/* The same with another token: "admin", "acme" (admin of the ecosystem acme), "reader" (model:read), or NULL. */
int ask_as(struct ask *ask, const char *token, enum http_method method, const char *target, const char *body,
           const char *const *headers);
/* One more token, whose text is its name. */
void ask_be(const struct http_principal *who);
#define ASK_HEADERS(...) ((const char *const[]){__VA_ARGS__, NULL})
const char *ask_header(struct ask *ask, const char *name);
/* A member of the answer by JSON pointer, as compact JSON; "absent" when it is not there. */
const char *ask_at(struct ask *ask, const char *pointer);

#endif
