#ifndef YELLOW_STORE_AUDIT_LIST_H
#define YELLOW_STORE_AUDIT_LIST_H

#include "pg/pg.h"

/* Reading what store/audit.h wrote. */
struct audit_row {
    int64_t id;
    const char *at, *actor, *action, *object, *request_id;
    struct str before, after; /* JSON, absent without */
};

struct audit_filter {
    const char *ecosystem;
    const char *object, *actor, *action; /* NULL: any */
    int64_t before;                      /* 0: from the newest */
    size_t limit;
};

/* Newest first. */
int audit_list(struct pg *pg, struct arena *arena, const struct audit_filter *filter, struct audit_row **out,
               size_t *count, struct err *err);

#endif
