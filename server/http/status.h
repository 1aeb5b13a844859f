#ifndef YELLOW_HTTP_STATUS_H
#define YELLOW_HTTP_STATUS_H

/* The reason phrase of RFC 9110; "Unknown" for another status. */
const char *http_status_text(int status);

#endif
