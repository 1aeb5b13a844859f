#include "control/secret.h"

#include "base/file.h"

#include <stdlib.h>

static int read_file(struct arena *arena, const char *path, struct str *out, struct err *err)
{
    if (path[0] != '/')
        return err_set(err, ERR_INVALID, "secret file %s is not an absolute path", path);
    struct err why = {0};
    if (file_read(arena, path, SECRET_MAX + 2, out, &why) != 0) {
        return err_set(err, ERR_INVALID, "secret file %s %s", path,
                       why.code == ERR_NOT_FOUND   ? "is not there"
                       : why.code == ERR_TOO_LARGE ? "is too large for a secret"
                                                   : "cannot be read");
    }
    if (out->len && out->data[out->len - 1] == '\n')
        out->len--;
    if (out->len && out->data[out->len - 1] == '\r')
        out->len--;
    return 0;
}

static int read_env(struct arena *arena, const char *name, struct str *out, struct err *err)
{
    const char *value = name[0] ? getenv(name) : NULL;
    if (!value)
        return err_set(err, ERR_INVALID, "environment variable %s is not set", name);
    *out = str_from(arena_strdup(arena, value));
    return 0;
}

int secret_read(struct arena *arena, const json_t *reference, struct str *out, struct err *err)
{
    const char *path = json_text(reference, "file"), *name = json_text(reference, "env");
    if (!json_is_object(reference) || json_object_size(reference) != 1 || (!path && !name)) {
        err_set(err, ERR_INVALID, "a webhook secret is given by reference");
        return err_hint(err, "write {\"file\": \"/path\"} or {\"env\": \"NAME\"}");
    }
    struct str value;
    int rc = path ? read_file(arena, path, &value, err) : read_env(arena, name, &value, err);
    if (rc)
        return rc;
    const char *what = path ? "secret file" : "environment variable", *which = path ? path : name;
    if (value.len < SECRET_MIN || value.len > SECRET_MAX) {
        bool few = value.len < SECRET_MIN;
        secret_wipe(value);
        err_set(err, ERR_INVALID, "%s %s holds %s", what, which, few ? "fewer than 16 bytes" : "more than 4096 bytes");
        return few ? err_hint(err, "make one with: openssl rand -hex 32") : -ERR_INVALID;
    }
    *out = value;
    return 0;
}

void secret_wipe(struct str secret)
{
    if (secret.data)
        explicit_bzero((void *)(uintptr_t)secret.data, secret.len);
}
