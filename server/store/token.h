#ifndef YELLOW_STORE_TOKEN_H
#define YELLOW_STORE_TOKEN_H

#include "base/crypto.h"
#include "pg/pg.h"

/* Bearer tokens: "yel_" and 256 random bits in base64url. The database keeps the SHA-256 alone; the text is known when
 * the token is made and never again. Each change sends the payload "tokens" on the channel "yellow". */
enum { TOKEN_TEXT_SIZE = 48 };

struct token_spec {
    const char *name; /* unique among the tokens that are not revoked */
    const char *const *scopes;
    size_t scope_count;
    const char *ecosystem;  /* NULL: all of them */
    const char *expires_at; /* RFC 3339, NULL: never */
    const char *actor;      /* for the audit row */
};

struct token_row {
    int64_t id;
    const char *name;
    const char *const *scopes;
    size_t scope_count;
    const char *ecosystem;                            /* NULL: all */
    const char *created_at, *expires_at, *revoked_at; /* RFC 3339; the last two may be NULL */
    unsigned char hash[SHA256_SIZE];
};

/* ERR_INVALID for a bad name or scope, ERR_CONFLICT when the name is taken. */
int token_create(struct pg *pg, struct arena *arena, const struct token_spec *spec, char text[TOKEN_TEXT_SIZE],
                 struct err *err);
/* As token_create when there has never been a token; otherwise *created is false. Of several processes that try at
 * once, one creates it. */
int token_create_first(struct pg *pg, struct arena *arena, const struct token_spec *spec, char text[TOKEN_TEXT_SIZE],
                       bool *created, struct err *err);
/* In the order in which they were made; all: with those that are revoked or expired. Rows on the arena. */
int token_list(struct pg *pg, struct arena *arena, bool all, struct token_row **rows, size_t *count, struct err *err);
/* ERR_NOT_FOUND when no live token has the name. */
int token_revoke(struct pg *pg, struct arena *arena, const char *name, const char *actor, struct err *err);

/* What is stored and compared. False, and nothing hashed, when text cannot be a token. */
bool token_hash(struct str text, unsigned char hash[SHA256_SIZE]);

#endif
