#ifndef YELLOW_INGEST_JSON_API_H
#define YELLOW_INGEST_JSON_API_H

#include <stdint.h>

/* What an HTTP API may give in one batch; of the process, tests make it smaller. */
struct json_api_limits {
    uint64_t page_bytes;
    int64_t pages;
};
extern struct json_api_limits json_api_limits;

#endif
