#ifndef YELLOW_HTTP_FRAMING_H
#define YELLOW_HTTP_FRAMING_H

#include "http/http.h"

/* What libmicrohttpd lets through and two readers of a connection could take differently. Checked on the first call of
 * a request; a refusal closes the connection. */

enum { FRAMING_MAX_HEADERS = 64, FRAMING_MAX_HEADER_BYTES = 8 * 1024, FRAMING_MAX_TARGET = 4 * 1024 };

/* Whether a header's name is a token and its value holds no control character; a NUL is one. But libmicrohttpd 0.9.75
 * ends a value at its first NUL, and what stands behind that never gets here: what is in front of the server has to
 * refuse it. */
bool framing_header_name_valid(const char *name, size_t size);
bool framing_header_value_valid(const char *value, size_t size);

/* Checks Host, Authorization, Content-Length and Transfer-Encoding of req->headers and sets req->content_length.
 * ERR_SYNTAX. */
int framing_check(struct http_request *req, const char *version, struct err *err);

#endif
