#ifndef YELLOW_HTTP_URL_H
#define YELLOW_HTTP_URL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* Percent-escapes. */

/* Decodes once; plus: '+' is a space (queries). NULL when an escape is broken, gives NUL, or the bytes are not UTF-8.
 */
char *url_decode(struct arena *arena, struct str text, bool plus);
/* Appends text with everything escaped but unreserved characters and, when keep_slash, '/'. */
void url_encode(struct buf *out, struct str text, bool keep_slash);
/* The path of a request line, decoded once. ERR_SYNTAX when a proxy and we could read it differently: "..", "//", an
 * escaped '/', '\\' or NUL, control characters, broken escapes, bytes that are not UTF-8. */
int url_decode_path(struct arena *arena, struct str raw, char **out, struct err *err);

#endif
