#include "ingest/credential.h"

#include "base/buf.h"
#include "base/file.h"

#include <ctype.h>
#include <stdlib.h>

enum { VALUE_MAX = 64 << 10 };

/* The last line end of a file is the editor's. */
static const char *without_line_end(struct arena *arena, struct str text)
{
    if (text.len && text.data[text.len - 1] == '\n')
        text.len--;
    if (text.len && text.data[text.len - 1] == '\r')
        text.len--;
    return arena_strndup(arena, text.data, text.len);
}

static const char *variable_name(struct arena *arena, const char *name, const char *key)
{
    char *out = arena_printf(arena, "YELLOW_CREDENTIAL_%s_%s", name, key);
    for (char *c = out; *c; c++)
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
    return out;
}

int credential_value(struct arena *arena, const struct credential *credential, const char *key, const char **out,
                     struct err *err)
{
    const char *folder = getenv("YELLOW_CREDENTIALS"), *path = NULL, *value = NULL;
    const char *variable = variable_name(arena, credential->name, key);
    if (folder && *folder) {
        struct str text;
        path = arena_printf(arena, "%s/%s/%s", folder, credential->name, key);
        int rc = file_read(arena, path, VALUE_MAX, &text, err);
        if (!rc)
            value = without_line_end(arena, text);
        else if (rc != -ERR_NOT_FOUND)
            return rc;
    }
    if (!value)
        value = getenv(variable);
    if (!value) {
        (void)err_set(err, ERR_NOT_FOUND, "credential %s has no value for %s", credential->name, key);
        return err_hint(err, "put it into %s, or into the variable %s",
                        path ? path
                             : arena_printf(arena, "a file %s/%s of the folder that YELLOW_CREDENTIALS names",
                                            credential->name, key),
                        variable);
    }
    *out = value;
    return 0;
}

/* A value of libpq's key=value form. */
static void add_pair(struct buf *out, const char *key, const char *value)
{
    if (!value || !*value)
        return;
    buf_addf(out, "%s%s='", out->len ? " " : "", key);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            buf_addc(out, '\\');
        buf_addc(out, *value);
    }
    buf_addc(out, '\'');
}

int credential_conninfo(struct arena *arena, const struct container *container, const struct credential *credential,
                        const char *application_name, const char **out, struct err *err)
{
    const char *user = NULL, *password = NULL;
    if (container->type != CONTAINER_POSTGRES)
        return err_set(err, ERR_INVALID, "configuration: container %s is no PostgreSQL", container->name);
    if (credential && credential->type != CREDENTIAL_USER_PASSWORD)
        return err_set(err, ERR_INVALID, "configuration: credential %s is no user-password, which container %s needs",
                       credential->name, container->name);
    if (credential && (credential_value(arena, credential, "username", &user, err) != 0 ||
                       credential_value(arena, credential, "password", &password, err) != 0))
        return -err->code;
    struct buf *text = buf_new(arena);
    add_pair(text, "host", container->host);
    if (container->port)
        add_pair(text, "port", arena_printf(arena, "%lld", (long long)container->port));
    add_pair(text, "dbname", container->database);
    add_pair(text, "user", user);
    add_pair(text, "password", password);
    add_pair(text, "application_name", application_name);
    *out = buf_text(text);
    return 0;
}
