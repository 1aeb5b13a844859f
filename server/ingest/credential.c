#include "ingest/credential.h"

#include "base/buf.h"
#include "base/file.h"

#include <ctype.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <unistd.h>

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

/* The folder that holds values, NULL when there is none. */
static const char *values_folder(void)
{
    const char *folder = getenv("YELLOW_CREDENTIALS");
    return folder && *folder ? folder : NULL;
}

int credential_value(struct arena *arena, const struct credential *credential, const struct container *container,
                     const char *key, const char **out, struct err *err)
{
    if (!credential_is_bound(credential, container->name)) {
        (void)err_set(err, ERR_FORBIDDEN, "credential %s is not bound to container %s", credential->name,
                      container->name);
        return err_hint(err, "if it is to be sent there, its owner adds %s to its `containers`", container->name);
    }
    const char *folder = values_folder(), *path = NULL, *value = NULL;
    const char *variable = variable_name(arena, credential->name, key);
    if (folder) {
        struct str text;
        path = arena_printf(arena, "%s/%s/%s", folder, credential->name, key);
        int rc = file_read(arena, path, VALUE_MAX, &text, err);
        if (!rc)
            value = without_line_end(arena, text);
        else if (rc != -ERR_NOT_FOUND) {
            err->code = ERR_INVALID; /* whatever is there, it is no value */
            return err_prefix(err, "credential %s", credential->name);
        }
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

static void add(struct credential_parameters *out, const char *key, const char *value)
{
    if (value && *value)
        out->items[out->len++] = (struct credential_parameter){key, value};
}

/* Of the libpq that is there now, which may be newer than the one Yellow was built with. */
static bool libpq_knows(const char *keyword)
{
    bool known = false;
    PQconninfoOption *options = PQconndefaults();
    for (PQconninfoOption *o = options; o && o->keyword && !known; o++)
        known = strcmp(o->keyword, keyword) == 0;
    PQconninfoFree(options);
    return known;
}

static void add_security(struct arena *arena, const struct container *container, const struct credential *credential,
                         struct credential_parameters *out)
{
    const char *mode = container->sslmode, *folder = values_folder();
    add(out, "sslmode", mode);
    if (!mode || !credential)
        return;
    if (strcmp(mode, "require") == 0)
        add(out, "channel_binding", "require");
    const char *certificates = folder ? arena_printf(arena, "%s/%s/ca.crt", folder, credential->name) : NULL;
    if (certificates && strncmp(mode, "verify-", 7) == 0 && access(certificates, F_OK) == 0)
        add(out, "sslrootcert", certificates);
}

int credential_parameters(struct arena *arena, const struct container *container, const struct credential *credential,
                          struct credential_parameters *out, struct err *err)
{
    const char *user = NULL, *password = NULL;
    *out = (struct credential_parameters){.len = 0};
    if (container->type != CONTAINER_POSTGRES)
        return err_set(err, ERR_INVALID, "configuration: container %s is no PostgreSQL", container->name);
    if (credential && credential->type != CREDENTIAL_USER_PASSWORD)
        return err_set(err, ERR_INVALID, "configuration: credential %s is no user-password, which container %s needs",
                       credential->name, container->name);
    if (credential && (credential_value(arena, credential, container, "username", &user, err) != 0 ||
                       credential_value(arena, credential, container, "password", &password, err) != 0))
        return -err->code;
    add(out, "host", container->host);
    if (container->port)
        add(out, "port", arena_printf(arena, "%lld", (long long)container->port));
    add(out, "dbname", container->database);
    add(out, "user", user);
    add(out, "password", password);
    add_security(arena, container, credential, out);
    return 0;
}

/* Whether a server could, that nothing has proved to be the right one. */
static bool asks_for_clear_text(const struct container *container)
{
    static const char *const proved[] = {"require", "verify-ca", "verify-full"};
    for (size_t i = 0; container->sslmode && i < sizeof proved / sizeof *proved; i++)
        if (strcmp(container->sslmode, proved[i]) == 0)
            return false;
    return true;
}

/* A value of libpq's key=value form. */
static void add_pair(struct buf *out, const char *key, const char *value)
{
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
    struct credential_parameters parameters;
    if (credential_parameters(arena, container, credential, &parameters, err) != 0)
        return -err->code;
    struct buf *text = buf_new(arena);
    for (size_t i = 0; i < parameters.len; i++)
        add_pair(text, parameters.items[i].key, parameters.items[i].value);
    /* Given, though empty: PGHOSTADDR of the environment would send the password elsewhere. */
    add_pair(text, "hostaddr", "");
    if (credential && asks_for_clear_text(container) && libpq_knows("require_auth"))
        add_pair(text, "require_auth", "!password");
    add_pair(text, "application_name", application_name);
    *out = buf_text(text);
    return 0;
}
