#include "cli/command.h"
#include "cli/database.h"
#include "control/registry.h"
#include "store/ecosystem.h"

enum { PAGE = 200 };

static json_t *secrets_of(const struct cli_args *args)
{
    static const struct {
        const char *option, *member;
    } kinds[] = {{"secret-file", "file"}, {"secret-env", "env"}};
    json_t *secrets = json_own(args->arena, json_array());
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const char *const *values;
        size_t n = cli_values(args, kinds[k].option, &values);
        for (size_t i = 0; i < n; i++)
            json_array_append_new(secrets, json_pack("{s:s}", kinds[k].member, values[i]));
    }
    return secrets;
}

/* NULL without --forge. */
static json_t *forge_of(const struct cli_args *args)
{
    static const struct {
        const char *option, *member;
    } members[] = {
        {"forge", "kind"}, {"forge-api", "api"}, {"forge-repository", "repository"}, {"forge-token", "token"}};
    json_t *forge = json_own(args->arena, json_object());
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (cli_value(args, members[i].option))
            json_object_set_new(forge, members[i].member, json_string(cli_value(args, members[i].option)));
    return json_object_size(forge) ? forge : NULL;
}

/* The command line has options where the API has pointers. */
static void tell(void *ctx, const char *pointer, const char *text)
{
    static const struct {
        const char *pointer, *option;
    } names[] = {{"/repository/url", "--url: "},   {"/repository/branch", "--branch: "},
                 {"/repository/path", "--path: "}, {"/repository/name", "--repository: "},
                 {"/forge", "--forge: "},          {"/webhook_secrets", "--secret-file, --secret-env: "}};
    const char *option = "";
    (void)ctx;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_starts(str_from(pointer), str_from(names[i].pointer)))
            option = names[i].option;
    (void)fprintf(stderr, "yellow: %s%s\n", option, text);
}

struct adding {
    const struct cli_args *args;
    struct ecosystem_row row, out;
    enum registry_change change;
};

static int allow(void *ctx, const struct ecosystem_row *now, struct err *err)
{
    const struct adding *adding = ctx;
    if (!now || cli_has(adding->args, "replace"))
        return 0;
    bool own = ecosystem_is_own(now);
    err_set(err, ERR_CONFLICT, "%s %s is there already", own ? "ecosystem" : "repository", own ? now->name : now->repo);
    return err_hint(err, "--replace changes its configuration; its versions stay");
}

static int add_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct adding *adding = ctx;
    return registry_put(pg, arena, &adding->row, allow, adding, "cli", NULL, &adding->out, &adding->change, err);
}

static int run_add(const struct cli_args *args, struct err *err)
{
    static const char *const done[] = {
        [REGISTRY_CREATED] = "added", [REGISTRY_UPDATED] = "changed", [REGISTRY_SAME] = "unchanged"};
    struct database database = {0};
    int rc = command_check_operands(&cmd_ecosystem_add, args, 1, err);
    if (rc)
        return rc;
    const char *branch = cli_value(args, "branch"), *path = cli_value(args, "path"),
               *repository = cli_value(args, "repository");
    struct adding adding = {.args = args,
                            .row = {.name = args->operands[0],
                                    .repo = cli_value(args, "beside"),
                                    .url = cli_value(args, "url"),
                                    .branch = branch ? branch : "main",
                                    .path = path ? path : "",
                                    .repository = repository ? repository : "",
                                    .forge = forge_of(args),
                                    .secrets = secrets_of(args)}};
    rc = registry_check(args->arena, &adding.row, tell, NULL, err);
    if (!rc)
        rc = database_open(args, &database, err);
    if (!rc)
        rc = database_explain(pg_transaction(database.pg, args->arena, add_tx, &adding, err), err);
    database_close(&database);
    if (!rc)
        (void)printf("%s %s%s%s: %s, branch %s\n", done[adding.change], adding.out.name,
                     ecosystem_is_own(&adding.out) ? "" : " ", ecosystem_repo(&adding.out), adding.out.url,
                     adding.out.branch);
    return rc;
}

static int print_page(const struct cli_args *args, const struct ecosystem_row *rows, size_t count, json_t *list)
{
    for (size_t i = 0; i < count; i++) {
        if (cli_has(args, "json"))
            json_array_append_new(list, registry_json(&rows[i]));
        else
            (void)printf("%-24s version %-6d %s, branch %s%s%s\n", rows[i].name, rows[i].version, rows[i].url,
                         rows[i].branch, rows[i].path[0] ? ", folder " : "", rows[i].path);
    }
    return 0;
}

static int run_list(const struct cli_args *args, struct err *err)
{
    struct database database = {0};
    struct ecosystem_row *rows;
    size_t count = PAGE;
    const char *after = "";
    json_t *list = json_own(args->arena, json_array());
    int rc = database_open(args, &database, err);
    while (!rc && count == PAGE) {
        rc = database_explain(ecosystem_list(database.pg, args->arena, after, PAGE, &rows, &count, err), err);
        if (!rc && count) {
            after = rows[count - 1].name;
            rc = print_page(args, rows, count, list);
        }
    }
    database_close(&database);
    if (!rc && cli_has(args, "json")) {
        struct buf *out = buf_new(args->arena);
        json_write(out, list);
        (void)puts(buf_text(out));
    }
    return rc;
}

static const struct cli_option add_options[] = {
    {"url", "URL", "of the repository: https://, ssh:// or file://", CLI_REQUIRED},
    {"branch", "NAME", "the branch that is followed; main without it", 0},
    {"path", "FOLDER", "of the model in the repository; its root without it", 0},
    {"repository", "NAME", "what owners in the model call it; without it, what the URL says (acme/data-model)", 0},
    {"secret-file", "FILE", "holds a secret of the webhook, 16 bytes or more", CLI_MANY},
    {"secret-env", "NAME", "the variable that holds one, for the server too", CLI_MANY},
    {"forge", "KIND", "tell the outcome of commits there: github, gitlab, bitbucket, gitea or forgejo", 0},
    {"forge-api", "URL", "of the forge's API; without it, the usual one", 0},
    {"forge-repository", "NAME", "what the forge calls the repository; without it, what the URL says", 0},
    {"forge-token", "NAME", "of YELLOW_GIT_TOKEN_FILE; without it, the token that it has for the API's host", 0},
    {"beside", "NAME", "register it under that name, beside the own repository of the ecosystem that is there", 0},
    {"replace", NULL, "change the configuration of one that is there", 0},
    {0},
};
static const struct cli_option list_options[] = {
    {"json", NULL, "as JSON", 0},
    {0},
};

const struct command cmd_ecosystem_add = {.name = "ecosystem add",
                                          .summary = "register the repository of an ecosystem, or one beside it",
                                          .operands = "NAME",
                                          .options = add_options,
                                          .settings = CONFIG_OF_DATABASE,
                                          .run = run_add};
const struct command cmd_ecosystem_list = {.name = "ecosystem list",
                                           .summary = "list the ecosystems and their versions in force",
                                           .options = list_options,
                                           .settings = CONFIG_OF_DATABASE,
                                           .run = run_list};
