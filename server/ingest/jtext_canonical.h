#ifndef YELLOW_INGEST_JTEXT_CANONICAL_H
#define YELLOW_INGEST_JTEXT_CANONICAL_H

#include "base/jtext.h"

/* Members of objects that are being written; reused. {0} is empty. */
struct jtext_member;
struct jtext_members {
    struct jtext_member *items;
    size_t len, cap;
};
void jtext_members_dispose(struct jtext_members *members);

/* Appends a checked value as PostgreSQL prints jsonb: members by length and bytes of their names, the last of equal
 * ones, numbers without exponent, ", " and ": ". scratch is used in between. NULL, or why jsonb cannot hold it. */
const char *jtext_canonical(struct jtext_members *members, struct buf *scratch, const struct jtext_value *value,
                            struct buf *out);

#endif
