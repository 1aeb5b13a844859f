#ifndef YELLOW_CONTROL_INSTANCE_H
#define YELLOW_CONTROL_INSTANCE_H

#include "base/err.h"

#include <stdbool.h>

/* The name under which a process of workers claims deliveries. It is kept in STATE/workers, locked while the process
 * lives: the next process on the same state folder learns whose claims nobody will renew, and need not wait for their
 * leases. */
struct instance {
    int fd;
    char name[33];
    char former[33]; /* of the process before, which is dead; "" when there was none */
    bool owns;       /* the file is this process's */
};

/* Folder exists. When another live process has the state folder too, former is "" and the file stays as it is. */
int instance_open(struct instance *instance, const char *state_dir, struct err *err);
/* The claims of the former have been ended: from now on claims may be made in the own name, which is the one that the
 * next process learns. Not before, so that a process that dies soon does not hide the one before it. */
int instance_take_over(struct instance *instance, struct err *err);
void instance_close(struct instance *instance);

#endif
