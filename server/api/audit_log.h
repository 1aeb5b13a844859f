#ifndef YELLOW_API_AUDIT_LOG_H
#define YELLOW_API_AUDIT_LOG_H

#include "http/http.h"

/* GET /v1/ecosystems/{eco}/audit: who changed what, newest first. */
http_handler audit_log_list;

#endif
