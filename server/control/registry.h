#ifndef YELLOW_CONTROL_REGISTRY_H
#define YELLOW_CONTROL_REGISTRY_H

#include "store/ecosystem.h"

/* Registering an ecosystem, or another repository of one that is there (row->repo), for the API and the command line
 * alike. */
typedef void registry_problem_fn(void *ctx, const char *pointer, const char *text);

/* Checks url, branch, path and secrets of row, each secret by reading it now. All that is wrong goes to problem with
 * the JSON pointer of the request ("/repository/url"); ERR_INVALID then. A value of a secret is never told. */
int registry_check(struct arena *arena, const struct ecosystem_row *row, registry_problem_fn *problem, void *ctx,
                   struct err *err);

enum registry_change { REGISTRY_CREATED, REGISTRY_UPDATED, REGISTRY_SAME };

/* Creates it, or updates the one that is there when `allow` says so (allow(ctx, NULL) for one that is not there yet),
 * with its audit row; in a transaction. *out is what is there now. ERR_CONFLICT when owners could not tell it from
 * another repository of the ecosystem. */
int registry_put(struct pg *pg, struct arena *arena, const struct ecosystem_row *row,
                 int (*allow)(void *ctx, const struct ecosystem_row *now, struct err *err), void *ctx,
                 const char *actor, const char *request_id, struct ecosystem_row *out, enum registry_change *change,
                 struct err *err);

/* Takes another repository out, in a transaction, when `allow` says so. ERR_CONFLICT that names what it has in force.
 */
int registry_delete(struct pg *pg, struct arena *arena, const char *ecosystem, const char *repo,
                    int (*allow)(void *ctx, const struct ecosystem_row *now, struct err *err), void *ctx,
                    const char *actor, const char *request_id, struct err *err);

/* What owners in the model call the registered repository, or NULL when neither the configuration nor the URL says. */
const char *registry_repository(struct arena *arena, const struct ecosystem_row *row);

/* As the API shows it, its own one with the ecosystem's version, another with its commit in force: {"repository":
 * {"url", "branch", "path", "name"}, "webhook_secrets": [references], ...}; a new reference. */
json_t *registry_json(const struct ecosystem_row *row);

#endif
