#ifndef YELLOW_API_VERSIONS_H
#define YELLOW_API_VERSIONS_H

#include "http/http.h"

/* GET .../versions?limit=&cursor=: newest first. */
http_handler versions_list;
/* GET .../versions/{n}: the commit, the plan's summary and the warnings. */
http_handler versions_get;
/* GET .../versions/{n}/plan: what the version changed. */
http_handler versions_plan;

#endif
