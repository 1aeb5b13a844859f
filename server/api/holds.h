#ifndef YELLOW_API_HOLDS_H
#define YELLOW_API_HOLDS_H

#include "http/http.h"
#include "store/hold.h"

/* GET and POST .../holds[?dry_run=], GET .../holds/{id}, POST .../holds/{id}/release[?dry_run=]. */
http_handler holds_list, holds_get, holds_post, holds_release;

/* A new reference. */
json_t *hold_json(const struct hold_row *hold);

#endif
