#include "api/routes.h"
#include "base/json.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/database.h"
#include "store/token.h"

#include <time.h>

/* "90d", "12h", "30m", or a date, or a date and time in UTC. */
static const char *read_expiry(struct arena *arena, const char *text, struct err *err)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}};
    size_t len = strlen(text);
    int64_t number;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (len < 2 || text[len - 1] != units[i].unit || !str_int64((struct str){text, len - 1}, 1, 1000000, &number))
            continue;
        char *out = arena_alloc(arena, TIME_TEXT_SIZE);
        time_format(time_now_us() + number * units[i].seconds * 1000000, out);
        return out;
    }
    struct tm tm = {0};
    const char *end = strptime(text, "%Y-%m-%d", &tm);
    if (end && *end == 'T')
        end = strptime(end, "T%H:%M:%SZ", &tm);
    if (end && !*end) {
        time_t at = timegm(&tm);
        char *out = arena_alloc(arena, TIME_TEXT_SIZE);
        time_format((int64_t)at * 1000000, out);
        return out;
    }
    (void)err_set(err, ERR_USAGE, "--expires: \"%s\" is not a time", text);
    (void)err_hint(err, "90d, 12h, 2027-01-31 or 2027-01-31T12:00:00Z");
    return NULL;
}

/* A scope that no route asks for is a mistake. */
static int check_scope(struct arena *arena, const char *scope, struct err *err)
{
    struct buf *known = buf_new(arena);
    size_t count;
    const struct http_route *routes = routes_all(&count);
    buf_adds(known, "admin");
    for (size_t i = 0; i < count; i++) {
        const char *asked = routes[i].scope;
        bool repeated = strcmp(asked, SCOPE_PUBLIC) == 0 || strcmp(asked, SCOPE_SIGNATURE) == 0;
        for (size_t j = 0; j < i && !repeated; j++)
            repeated = strcmp(asked, routes[j].scope) == 0;
        if (!repeated)
            buf_addf(known, ", %s", asked);
    }
    struct str rest = buf_str(known);
    while (rest.data) {
        if (str_eqz(str_trim(str_cut(&rest, ',')), scope))
            return 0;
    }
    (void)err_set(err, ERR_USAGE, "--scope: nothing asks for \"%s\"", scope);
    return err_hint(err, "one of: %s", buf_text(known));
}

static int run_create(const struct cli_args *args, struct err *err)
{
    struct database database = {0};
    char text[TOKEN_TEXT_SIZE];
    struct token_spec spec = {
        .name = cli_value(args, "name"), .ecosystem = cli_value(args, "ecosystem"), .actor = "cli"};
    spec.scope_count = cli_values(args, "scope", &spec.scopes);
    if (cli_has(args, "expires")) {
        spec.expires_at = read_expiry(args->arena, cli_value(args, "expires"), err);
        if (!spec.expires_at)
            return -ERR_USAGE;
    }
    int rc = 0;
    for (size_t i = 0; !rc && i < spec.scope_count; i++)
        rc = check_scope(args->arena, spec.scopes[i], err);
    if (!rc)
        rc = database_open(args, &database, err);
    if (!rc)
        rc = database_explain(token_create(database.pg, args->arena, &spec, text, err), err);
    if (!rc)
        (void)puts(text);
    database_close(&database);
    return rc;
}

static const char *join(struct arena *arena, const char *const *items, size_t n)
{
    struct buf *buf = buf_new(arena);
    for (size_t i = 0; i < n; i++)
        buf_addf(buf, "%s%s", i ? "," : "", items[i]);
    return buf_text(buf);
}

static json_t *to_json(const struct token_row *row)
{
    json_t *scopes = json_array();
    for (size_t i = 0; i < row->scope_count; i++)
        (void)json_array_append_new(scopes, json_string(row->scopes[i]));
    return json_pack("{s:I, s:s, s:o, s:o, s:s, s:o, s:o}", "id", (json_int_t)row->id, "name", row->name, "scopes",
                     scopes, "ecosystem", json_text_or_null(row->ecosystem), "created_at", row->created_at,
                     "expires_at", json_text_or_null(row->expires_at), "revoked_at",
                     json_text_or_null(row->revoked_at));
}

static int run_list(const struct cli_args *args, struct err *err)
{
    struct database database = {0};
    struct token_row *rows = NULL;
    size_t count = 0;
    int rc = database_open(args, &database, err);
    if (!rc)
        rc = database_explain(token_list(database.pg, args->arena, cli_has(args, "all"), &rows, &count, err), err);
    database_close(&database);
    if (rc)
        return rc;
    if (cli_has(args, "json")) {
        json_t *list = json_own(args->arena, json_array());
        struct buf *out = buf_new(args->arena);
        for (size_t i = 0; i < count; i++)
            (void)json_array_append_new(list, to_json(&rows[i]));
        json_write(out, list);
        (void)puts(buf_text(out));
        return 0;
    }
    for (size_t i = 0; i < count; i++)
        (void)printf("%-20s %-32s %-12s created %s%s%s%s%s\n", rows[i].name,
                     join(args->arena, rows[i].scopes, rows[i].scope_count),
                     rows[i].ecosystem ? rows[i].ecosystem : "*", rows[i].created_at,
                     rows[i].expires_at ? " expires " : "", rows[i].expires_at ? rows[i].expires_at : "",
                     rows[i].revoked_at ? " revoked " : "", rows[i].revoked_at ? rows[i].revoked_at : "");
    return 0;
}

static int run_revoke(const struct cli_args *args, struct err *err)
{
    struct database database = {0};
    int rc = command_check_operands(&cmd_token_revoke, args, 1, err);
    if (!rc)
        rc = database_open(args, &database, err);
    if (!rc)
        rc = database_explain(token_revoke(database.pg, args->arena, args->operands[0], "cli", err), err);
    database_close(&database);
    if (!rc)
        (void)printf("revoked %s\n", args->operands[0]);
    return rc;
}

static const struct cli_option create_options[] = {
    {"name", "NAME", "what to call it", CLI_REQUIRED},
    {"scope", "SCOPE", "what it may do; admin: everything", CLI_MANY | CLI_REQUIRED},
    {"ecosystem", "NAME", "the only ecosystem it is for", 0},
    {"expires", "TIME", "90d, 12h, or a date; without it, never", 0},
    {0},
};
static const struct cli_option list_options[] = {
    {"all", NULL, "those that are revoked or expired too", 0},
    {"json", NULL, "as JSON", 0},
    {0},
};

const struct command cmd_token_create = {.name = "token create",
                                         .summary = "make a bearer token and print it, once",
                                         .options = create_options,
                                         .settings = CONFIG_OF_DATABASE,
                                         .run = run_create};
const struct command cmd_token_list = {.name = "token list",
                                       .summary = "list the tokens, without their texts",
                                       .options = list_options,
                                       .settings = CONFIG_OF_DATABASE,
                                       .run = run_list};
const struct command cmd_token_revoke = {.name = "token revoke",
                                         .summary = "end a token now",
                                         .operands = "NAME",
                                         .settings = CONFIG_OF_DATABASE,
                                         .run = run_revoke};
