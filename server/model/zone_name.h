#ifndef YELLOW_MODEL_ZONE_NAME_H
#define YELLOW_MODEL_ZONE_NAME_H

#include "base/str.h"

/* Whether the tz database has a time zone of that name, exactly so: "Europe/Dublin". */
bool zone_name_is_known(const char *name);
/* The one that is meant, perhaps; or NULL. */
const char *zone_name_nearest(const char *name);

#endif
