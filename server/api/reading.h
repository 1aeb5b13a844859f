#ifndef YELLOW_API_READING_H
#define YELLOW_API_READING_H

#include "http/http.h"
#include "pg/pg.h"
#include "store/ecosystem.h"
#include "store/job.h"

/* A connection for the time that a handler reads: given back before the answer is written, however slow the client. */
struct reading {
    struct pg *pg;
    struct ecosystem_row ecosystem; /* of {eco}; on the request's arena */
};
/* ERR_NOT_FOUND when there is no such ecosystem, or what pg_pool_take fails with; there is nothing to end then. */
int reading_begin(struct http_request *req, struct reading *out, struct err *err);
void reading_end(struct http_request *req, struct reading *reading);

/* Refuses any query parameter: ERR_SYNTAX. */
int reading_no_query(const struct http_request *req, struct err *err);

/* The stream or transformer of the path (api/job_json.h), read with a connection of its own; without a query. */
int reading_job(struct http_request *req, struct job_row *out, struct err *err);

#endif
