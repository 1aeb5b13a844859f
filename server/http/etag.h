#ifndef YELLOW_HTTP_ETAG_H
#define YELLOW_HTTP_ETAG_H

#include "base/str.h"

/* Entity tags, RFC 9110 section 8.8.3. */

/* Whether tag (without quotes) is in the list of If-Match or If-None-Match; "*" holds every tag. strong: weak tags
 * never match (If-Match); otherwise W/ is ignored (If-None-Match). Reading stops at the first malformed tag. */
bool etag_in_list(const char *header, struct str tag, bool strong);
/* Without its quotes. */
struct str etag_opaque(const char *quoted);

#endif
