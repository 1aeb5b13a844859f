#ifndef YELLOW_CONTROL_SECRET_H
#define YELLOW_CONTROL_SECRET_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"

/* Webhook secrets by reference: {"file": PATH} or {"env": NAME}. A value is read when it is needed, so that rotating
 * it needs no restart, and is never shown. */
enum { SECRET_MIN = 16, SECRET_MAX = 4096, SECRETS_MAX = 2 };

/* The value; of a file without a newline at its end. ERR_INVALID says what is wrong with the reference or the value,
 * without the value. Wipe it after use. */
int secret_read(struct arena *arena, const json_t *reference, struct str *out, struct err *err);
void secret_wipe(struct str secret);

#endif
