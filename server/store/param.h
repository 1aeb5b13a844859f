#ifndef YELLOW_STORE_PARAM_H
#define YELLOW_STORE_PARAM_H

#include "base/json.h"
#include "pg/pg.h"

/* A value as the text of a json or jsonb parameter, on the arena; SQL NULL for NULL. */
struct pg_param param_json(struct arena *arena, const json_t *value);

#endif
