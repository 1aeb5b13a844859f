#ifndef YELLOW_API_HOLDS_H
#define YELLOW_API_HOLDS_H

#include "http/http.h"
#include "store/hold.h"

/* GET and POST .../holds[?dry_run=], GET .../holds/{id}, POST .../holds/{id}/release[?dry_run=]. */
http_handler holds_list, holds_get, holds_post, holds_release;

/* A new reference. */
json_t *hold_json(const struct hold_row *hold);
/* "reason" of the body, "" without it; a problem when it is no text, or too long. */
const char *holds_reason(struct http_request *req, struct http_response *res, const json_t *body);

#endif
