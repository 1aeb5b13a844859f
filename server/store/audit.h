#ifndef YELLOW_STORE_AUDIT_H
#define YELLOW_STORE_AUDIT_H

#include "base/json.h"
#include "pg/pg.h"

/* One change of state, told to those who ask later. Never a secret value in before or after. */
struct audit_entry {
    const char *ecosystem;        /* NULL: none in particular */
    const char *actor;            /* token name, "cli", "worker", "github" */
    const char *action;           /* "ecosystem.create", "version.merge", "hint.put", ... */
    const char *object;           /* "stream YellowLive/customers" */
    const json_t *before, *after; /* NULL: there was, or is, nothing */
    const char *request_id;       /* NULL outside of requests */
};

/* Adds it within the transaction of the change itself. */
int audit_add(struct pg *pg, struct arena *arena, const struct audit_entry *entry, struct err *err);

#endif
