#ifndef YELLOW_API_READING_H
#define YELLOW_API_READING_H

#include "control/snapshot.h"
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
/* ?dry_run=, and refuses any other. */
int reading_dry_run(const struct http_request *req, bool *out, struct err *err);

/* A query parameter that is one of the choices (NULL-terminated), or NULL without it. ERR_SYNTAX that says them. */
int reading_choice(const struct http_request *req, const char *name, const char *const *choices, const char **out,
                   struct err *err);

/* --- the model, at the version that a request asks for: ?version=n, or ?at=TIME for the one that was in force then
 * ---- Routes that read it so have ROUTE_MODEL (api/routes.c). Without both it is the version in force. */

/* As http_check_query, with version and at beside what is known. */
int reading_check_query(const struct http_request *req, const char *const *known, struct err *err);
/* The version asked for; 0: the one in force. ERR_SYNTAX for what is no number or time, and for both at once,
 * ERR_NOT_FOUND for a time before the first version, ERR_INVALID for one that is yet to come. A version that never was
 * is found out by whoever reads it. */
int reading_version(struct http_request *req, int *out, struct err *err);
/* A number of a version out of another parameter; 0 without it. */
int reading_version_query(const struct http_request *req, const char *name, int *out, struct err *err);
/* The model of a version, 0: of the one in force; released with the request's arena. ERR_NOT_FOUND that names it, or
 * says that there is none yet. No SQL runs while it is in memory. */
int reading_snapshot_of(struct http_request *req, int version, const struct snapshot **out, struct err *err);
/* reading_version and reading_snapshot_of. */
int reading_snapshot(struct http_request *req, const struct snapshot **out, struct err *err);
/* The same for a list of numbered places: the cursor holds the version, so that all pages are of one, and the place of
 * the next item; 0 without a cursor. ERR_SYNTAX for a cursor of another list. */
int reading_cursor(struct http_request *req, const struct snapshot **out, size_t *begin, struct err *err);
/* Says that the answer never changes when ?version= asked for it, if it is made of that version alone. */
void reading_settled(struct http_request *req, struct http_response *res);

/* The stream or transformer of the path (api/job_json.h), read with a connection of its own; without a query. */
int reading_job(struct http_request *req, struct job_row *out, struct err *err);

#endif
