#ifndef YELLOW_INGEST_CREDENTIAL_H
#define YELLOW_INGEST_CREDENTIAL_H

#include "base/arena.h"
#include "base/err.h"
#include "model/model.h"

/* Values of credentials, by the name in the model: the file DIR/NAME/KEY of the folder that YELLOW_CREDENTIALS names (a
 * mounted secret), else the variable YELLOW_CREDENTIAL_NAME_KEY of the environment (upper case, - as _). They never
 * come from the server, and stand in no error, log or report. Keys by type: user-password: username, password; token:
 * token; api-key: key, and optionally header (default X-Api-Key); s3-keys: access-key-id, secret-access-key. */
/* For sending it to the container and nowhere else: ERR_FORBIDDEN when the credential does not name the container, so
 * that no value is read for an address that its owner did not allow. */
int credential_value(struct arena *arena, const struct credential *credential, const struct container *container,
                     const char *key, const char **out, struct err *err);

/* How libpq reaches a postgres container: keywords of libpq and their values, in order, no empty one among them.
 * ERR_INVALID with the cause "configuration" in words when the container is not one. On the arena.
 * A server that is not the right one is kept from asking for the password in clear text: with sslmode verify-ca and
 * verify-full by its certificate (the file ca.crt beside the credential's values says whose are trusted); with require
 * by channel binding, so that it has to prove by SCRAM that it knows the password. */
struct credential_parameter {
    const char *key, *value;
};
struct credential_parameters {
    struct credential_parameter items[16];
    size_t len;
};
int credential_parameters(struct arena *arena, const struct container *container, const struct credential *credential,
                          struct credential_parameters *out, struct err *err);
/* The same as one text, for our own libpq: without what the environment says of the address, and in the other modes
 * with require_auth, which came with libpq 16. */
int credential_conninfo(struct arena *arena, const struct container *container, const struct credential *credential,
                        const char *application_name, const char **out, struct err *err);

#endif
