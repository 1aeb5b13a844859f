#include "store/token.h"

#include "sql.h"

#include <ctype.h>
#include <stdio.h>

static const struct str prefix = {"yel_", 4};

/* Lower-case words joined by ':', '.', '-' or '_': "status:read". */
static bool is_scope(const char *scope)
{
    size_t len = scope ? strlen(scope) : 0;
    if (len == 0 || len > 63 || !islower((unsigned char)scope[0]))
        return false;
    for (const char *c = scope; *c; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && !strchr(":._-", *c))
            return false;
    return true;
}

static int check_spec(const struct token_spec *spec, struct err *err)
{
    if (!str_is_name(str_from(spec->name)))
        return err_set(err, ERR_INVALID, "token \"%s\": a name is a letter and at most 62 letters, digits, _ or -",
                       spec->name ? spec->name : "");
    if (spec->scope_count == 0)
        return err_set(err, ERR_INVALID, "token %s has no scope", spec->name);
    for (size_t i = 0; i < spec->scope_count; i++)
        if (!is_scope(spec->scopes[i]))
            return err_set(err, ERR_INVALID, "token %s: \"%s\" is not a scope", spec->name, spec->scopes[i]);
    if (spec->ecosystem && !str_is_name(str_from(spec->ecosystem)))
        return err_set(err, ERR_INVALID, "token %s: \"%s\" is not the name of an ecosystem", spec->name,
                       spec->ecosystem);
    return 0;
}

bool token_hash(struct str text, unsigned char hash[SHA256_SIZE])
{
    if (text.len != TOKEN_TEXT_SIZE - 1 || !str_starts(text, prefix))
        return false;
    crypto_sha256(text, hash);
    return true;
}

static int create(struct pg *pg, struct arena *arena, const struct token_spec *spec, bool only_first,
                  char text[TOKEN_TEXT_SIZE], bool *created, struct err *err)
{
    unsigned char random[32], hash[SHA256_SIZE];
    struct pg_rows rows;
    int rc = check_spec(spec, err);
    if (rc)
        return rc;
    crypto_random(random, sizeof random);
    const char *secret = crypto_base64url(arena, (struct str){(const char *)random, sizeof random});
    (void)snprintf(text, TOKEN_TEXT_SIZE, "yel_%s", secret);
    if (!token_hash(str_from(text), hash))
        return err_set(err, ERR_INTERNAL, "token %s: its text has a wrong length", spec->name);
    rc = pg_query(pg, arena, sql_token_create, PG_MAYBE, &rows, err, PG_TEXT(spec->name),
                  PG_BYTES(((struct str){(const char *)hash, sizeof hash})),
                  pg_text_array(arena, spec->scopes, spec->scope_count), PG_TEXT(spec->ecosystem),
                  PG_TEXT(spec->expires_at), PG_TEXT(spec->actor), pg_bool(only_first));
    if (!rc)
        *created = rows.count == 1;
    return rc;
}

int token_create(struct pg *pg, struct arena *arena, const struct token_spec *spec, char text[TOKEN_TEXT_SIZE],
                 struct err *err)
{
    bool created = false;
    int rc = create(pg, arena, spec, false, text, &created, err);
    if (!rc && !created) {
        (void)err_set(err, ERR_CONFLICT, "token %s is there already", spec->name);
        rc = err_hint(err, "take another name, or revoke it first");
    }
    return rc;
}

int token_create_first(struct pg *pg, struct arena *arena, const struct token_spec *spec, char text[TOKEN_TEXT_SIZE],
                       bool *created, struct err *err)
{
    return create(pg, arena, spec, true, text, created, err);
}

static void read_row(struct arena *arena, const struct pg_rows *rows, size_t i, struct token_row *out)
{
    struct str hash = pg_bytes(arena, rows, i, 7);
    *out = (struct token_row){
        .id = pg_integer(rows, i, 0),
        .name = pg_text(rows, i, 1),
        .ecosystem = pg_text(rows, i, 3),
        .created_at = pg_text(rows, i, 4),
        .expires_at = pg_text(rows, i, 5),
        .revoked_at = pg_text(rows, i, 6),
    };
    out->scope_count = pg_array_texts(arena, rows, i, 2, &out->scopes);
    if (hash.len == SHA256_SIZE)
        memcpy(out->hash, hash.data, SHA256_SIZE);
}

int token_list(struct pg *pg, struct arena *arena, bool all, struct token_row **out, size_t *count, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_token_list, PG_MANY, &rows, err, pg_bool(all));
    if (rc)
        return rc;
    *out = arena_calloc(arena, rows.count, sizeof **out);
    *count = rows.count;
    for (size_t i = 0; i < rows.count; i++)
        read_row(arena, &rows, i, &(*out)[i]);
    return 0;
}

int token_revoke(struct pg *pg, struct arena *arena, const char *name, const char *actor, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_token_revoke, PG_MAYBE, &rows, err, PG_TEXT(name), PG_TEXT(actor));
    if (!rc && rows.count == 0)
        rc = err_set(err, ERR_NOT_FOUND, "there is no token %s", name);
    return rc;
}
