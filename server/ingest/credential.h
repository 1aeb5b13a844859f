#ifndef YELLOW_INGEST_CREDENTIAL_H
#define YELLOW_INGEST_CREDENTIAL_H

#include "base/arena.h"
#include "base/err.h"
#include "model/model.h"

/* Values of credentials, by the name in the model: the file DIR/NAME/KEY of the folder that YELLOW_CREDENTIALS names (a
 * mounted secret), else the variable YELLOW_CREDENTIAL_NAME_KEY of the environment (upper case, - as _). They never
 * come from the server, and stand in no error, log or report. Keys by type: user-password: username, password; token:
 * token; api-key: key, and optionally header (default X-Api-Key); s3-keys: access-key-id, secret-access-key. */
int credential_value(struct arena *arena, const struct credential *credential, const char *key, const char **out,
                     struct err *err);
/* libpq's parameters for a postgres container; ERR_INVALID with the cause "configuration" in words when the container
 * is not one. On the arena. */
int credential_conninfo(struct arena *arena, const struct container *container, const struct credential *credential,
                        const char *application_name, const char **out, struct err *err);

#endif
