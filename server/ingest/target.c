#include "ingest/target.h"

enum { CONNECT_MS = 20000 };

int target_connect(struct arena *arena, const struct container *merge, const struct credential *credential,
                   const char *application, struct pg **out, struct err *err)
{
    const char *conninfo;
    int rc = credential_conninfo(arena, merge, credential, application, &conninfo, err);
    if (!rc)
        rc = pg_connect(conninfo, CONNECT_MS, out, err);
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
