#ifndef YELLOW_STORE_REPORT_H
#define YELLOW_STORE_REPORT_H

#include "base/json.h"
#include "pg/pg.h"
#include "store/ecosystem.h"

/* What forges are to be told: an outbox, written in the transaction of what it tells of. */

/* Makes the thing that a forge shows be content: a status of the commit subject, or the comment on the pull request
 * subject. Nothing happens where the repository has no forge, and where that is what it shows or will show. */
int report_put(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository, const char *kind,
               const char *subject, const json_t *content, struct err *err);

struct report_claim {
    int64_t id;
    const char *ecosystem, *repo, *kind, *subject;
    json_t *content;
    const char *remote_id; /* NULL: none yet */
    int attempts;
    int64_t age_ms; /* of the content */
};
/* *found is false when there is nothing to send now. The claim ends by itself after lease_ms. */
int report_claim(struct pg *pg, struct arena *arena, int64_t lease_ms, struct report_claim *out, bool *found,
                 struct err *err);
/* remote_id: NULL where the forge gave none. */
int report_sent(struct pg *pg, struct arena *arena, const struct report_claim *claim, const char *remote_id,
                struct err *err);
/* The API that the claim's forge has wants to be left alone for that long: so it is, by all reports to it. */
int report_limit(struct pg *pg, struct arena *arena, const struct report_claim *claim, int64_t wait_ms,
                 struct err *err);
struct report_failure {
    int64_t delay_ms;
    const char *text;
    bool give_up, forget_remote; /* the comment is gone: a new one is to be made */
};
int report_failed(struct pg *pg, struct arena *arena, const struct report_claim *claim,
                  const struct report_failure *failure, struct err *err);

#endif
