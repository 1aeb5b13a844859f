#include "ingest/target.h"

#include "ingest/session.h"

enum { CONNECT_MS = 20000 };

int target_connect(struct arena *arena, const struct container *merge, const struct credential *credential,
                   const char *application, struct pg **out, struct err *err)
{
    const char *conninfo;
    int rc = credential_conninfo(arena, merge, credential, application, &conninfo, err);
    struct pg *pg = NULL;
    if (!rc)
        rc = pg_connect(conninfo, CONNECT_MS, &pg, err);
    if (!rc)
        rc = session_settle(pg, err);
    if (rc)
        pg_close(pg);
    else
        *out = pg;
    return rc ? err_prefix(err, "merge database %s", merge->name) : 0;
}

const char *target_cause(const struct err *err)
{
    if (err->code == ERR_NOT_FOUND || err->code == ERR_INVALID || err->code == ERR_FORBIDDEN)
        return "configuration";
    /* libpq gives no SQLSTATE for these. */
    return strstr(err->text, "authentication failed") || strstr(err->text, "no password supplied")
               ? "credential-refused"
               : "target-error";
}
