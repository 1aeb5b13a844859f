#ifndef YELLOW_HTTP_CLIENT_PRIVATE_H
#define YELLOW_HTTP_CLIENT_PRIVATE_H

#include "http/client.h"

#include <curl/curl.h>

/* What http/client and http/stream share. */

/* Before the first use of libcurl; cheap afterwards. */
void http_client_start(void);
/* Our rules: http and https alone, no redirects, no signals; SSL_CERT_FILE names certificate authorities in place of
 * the system's. detail: CURL_ERROR_SIZE bytes. */
void http_client_set_safe(CURL *curl, char *detail);
/* The error of a CURLcode that is none of CURLE_OK; url: plain. */
int http_client_fail(int code, const char *url, const char *detail, struct err *err);

#endif
