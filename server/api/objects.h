#ifndef YELLOW_API_OBJECTS_H
#define YELLOW_API_OBJECTS_H

#include "control/snapshot.h"
#include "http/http.h"

/* GET .../datastores, .../workspaces, .../psps, .../teams, each ?version=&limit=&cursor=; and .../NAME?version=. Out of
 * memory: no SQL runs while the version in force is there. A page that goes on stays at the version of the first. */
http_handler objects_datastores, objects_datastore, objects_workspaces, objects_workspace, objects_teams, objects_psps,
    objects_psp;

/* The model version that ?version= asks for, the one in force without it; released with the request's arena.
 * ERR_NOT_FOUND when the ecosystem, or its version, is not there. */
int objects_snapshot(struct http_request *req, const struct snapshot **out, struct err *err);

/* The same for a list of numbered places: the cursor holds the version, so that all pages are of one, and the place of
 * the next item; 0 without a cursor. ERR_SYNTAX for a cursor of another list. */
int objects_cursor(struct http_request *req, const struct snapshot **snapshot, size_t *begin, struct err *err);

/* The same for a version that the caller knows; 0: the one in force. */
int objects_snapshot_of(struct http_request *req, int version, const struct snapshot **out, struct err *err);
/* A version number out of a query parameter; 0 without it. ERR_SYNTAX when it is no number from 1. */
int objects_version_query(const struct http_request *req, const char *name, int *out, struct err *err);

#endif
