#ifndef YELLOW_CONTROL_INBOX_H
#define YELLOW_CONTROL_INBOX_H

#include "control/forge.h"
#include "pg/pool.h"
#include "store/ecosystem.h"

/* The way in: a webhook becomes a durable delivery once its signature holds. */

/* Whether signature, as the forge writes it, is that of body under one of the secrets. Takes as long for a wrong
 * signature as for a right one, and for no secrets as for one. */
bool inbox_signed(struct arena *arena, const struct forge *forge, const json_t *secrets, const char *signature,
                  struct str body);

struct inbox_webhook {
    const char *ecosystem;
    const struct forge *forge;
    const char *signature, *event, *forge_id, *content_type; /* NULL: the header is absent */
    struct str body;
    const char *repo; /* as of struct ecosystem_row */
};
/* Verifies and stores it. ERR_UNAUTHORIZED for a wrong signature and for an unknown ecosystem or repository, which look
 * the same; ERR_SYNTAX when event or forge_id of a signed one is absent. *fresh: see delivery_add. */
int inbox_receive(struct pg_pool *pool, struct arena *arena, const struct inbox_webhook *webhook, int64_t *id,
                  bool *fresh, struct err *err);
/* A delivery that asks to merge the head of the branch. In a transaction. */
int inbox_ask_merge(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t *id, struct err *err);
/* The same of another repository; event: "merge", or "retry". */
int inbox_ask(struct pg *pg, struct arena *arena, const char *ecosystem, const char *repo, const char *event,
              int64_t *id, struct err *err);
/* Asks for the heads that were decided on and are not in force, of the repositories other than `but`, where nothing is
 * asked for yet: what came in force, or was allowed, since then may let them pass. At most fifty, those first that have
 * waited longest: whoever comes after them is asked for with the next version. In a transaction. */
int inbox_ask_again(struct pg *pg, struct arena *arena, const char *ecosystem, const char *but, struct err *err);
/* A delivery of what polling found: the branch has head although no delivery told of it. Once for each head that comes
 * after the decided one of ecosystem; *fresh as in delivery_add. In a transaction. */
int inbox_add_missed(struct pg *pg, struct arena *arena, const struct ecosystem_row *ecosystem, const char *head,
                     int64_t *id, bool *fresh, struct err *err);

/* Webhooks refused for their signature since the start. */
uint64_t inbox_refused(void);

#endif
