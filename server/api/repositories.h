#ifndef YELLOW_API_REPOSITORIES_H
#define YELLOW_API_REPOSITORIES_H

#include "http/http.h"

/* The repositories of an ecosystem beside its own one; they are put by ecosystems_put. */
http_handler repositories_list, repositories_get, repositories_delete;

/* The member "repository" of a body: "" without it and for null. -1 and a problem when it is no text. */
int repositories_member(struct http_request *req, struct http_response *res, const json_t *body, const char **out);

#endif
