#ifndef YELLOW_API_MERGES_H
#define YELLOW_API_MERGES_H

#include "http/http.h"

/* POST .../merges {}: merges the head of the branch without a webhook. 202 with the Location of the delivery made. */
http_handler merges_post;

#endif
