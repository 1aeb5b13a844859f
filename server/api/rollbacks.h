#ifndef YELLOW_API_ROLLBACKS_H
#define YELLOW_API_ROLLBACKS_H

#include "http/http.h"

/* POST /v1/ecosystems/{eco}/rollbacks[?dry_run=] {"to": n, "reason"}: a new version with the content of an older one.
 */
http_handler rollbacks_post;

#endif
