#ifndef YELLOW_PG_INSTALL_H
#define YELLOW_PG_INSTALL_H

#include "base/arena.h"
#include "base/err.h"

struct pg_install {
    const char *bindir; /* holds initdb and postgres */
    int major;
};

/* The PostgreSQL server installed on this machine: what pg_config says, else the newest in the places distributions
 * use. With major not 0, the one of that major version. On the arena. ERR_IO when there is none. */
int pg_install_find(struct arena *arena, int major, struct pg_install *out, struct err *err);

#endif
