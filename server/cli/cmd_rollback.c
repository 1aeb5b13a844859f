#include "cli/command.h"
#include "cli/control.h"

#include <stdio.h>

/* yellow rollback, yellow hold: which commits come in force, over the API. */

#define COMMON(scope)                                                                                                  \
    {"ecosystem", "NAME", "of which ecosystem", CLI_REQUIRED}, {"json", NULL, "print the answer as JSON", 0},          \
        CONTROL_OPTIONS(scope)
#define DOING                                                                                                          \
    {"reason", "TEXT", "why, for those who read it later", 0},                                                         \
    {                                                                                                                  \
        "yes", NULL, "do it; without, it is only said what would be done", 0                                           \
    }

static const struct cli_option rolling[] = {
    {"to", "VERSION", "whose content comes back", CLI_REQUIRED}, DOING, COMMON("version:write"), {0}};
static const struct cli_option holding[] = {DOING, COMMON("version:write"), {0}};
static const struct cli_option listing[] = {
    {"all", NULL, "those that were released, too", 0}, COMMON("model:read"), {0}};

/* Asks below /v1/ecosystems/NAME. */
static int ask(const struct cli_args *args, enum http_method method, const char *below, json_t *body,
               struct server_answer *out, struct err *err)
{
    struct server server;
    const char *ecosystem = cli_value(args, "ecosystem");
    struct server_call call = {
        .method = method, .path = arena_printf(args->arena, "/v1/ecosystems/%s/%s", ecosystem, below), .body = body};
    int rc = control_check_name("ecosystem", ecosystem, false, err);
    if (!rc)
        rc = control_open(args, &server, err);
    if (!rc)
        rc = server_send(&server, args->arena, &call, out, err);
    if (!rc && cli_has(args, "json")) {
        struct buf *text = buf_new(args->arena);
        json_write(text, out->json);
        (void)puts(buf_text(text));
    }
    return rc;
}

static json_t *body_of(const struct cli_args *args)
{
    const char *reason = cli_value(args, "reason");
    return json_own(args->arena, json_pack("{s:s}", "reason", reason ? reason : ""));
}

/* The last line of what was only tried. */
static void end(const struct cli_args *args)
{
    if (!cli_has(args, "json") && !cli_has(args, "yes"))
        (void)puts("nothing was done: add --yes");
}

static const char *dry_run(const struct cli_args *args)
{
    return cli_has(args, "yes") ? "false" : "true";
}

static int roll_back(const struct cli_args *args, struct err *err)
{
    struct server_answer answer;
    int64_t to;
    if (!str_int64(str_from(cli_value(args, "to")), 1, INT32_MAX, &to))
        return err_set(err, ERR_USAGE, "--to: \"%.40s\" is no version", cli_value(args, "to"));
    json_t *body = body_of(args);
    json_object_set_new(body, "to", json_integer((json_int_t)to));
    int rc = ask(args, HTTP_POST, arena_printf(args->arena, "rollbacks?dry_run=%s", dry_run(args)), body, &answer, err);
    if (rc)
        return rc;
    if (!cli_has(args, "json")) {
        size_t i;
        const json_t *line;
        json_array_foreach(json_object_get(answer.json, "does"), i, line)(void) puts(json_string_value(line));
        const json_t *hold = json_object_get(answer.json, "hold");
        if (json_is_object(hold))
            (void)printf("yellow hold release %lld --ecosystem %s --yes   merges the head of the branch\n",
                         (long long)json_integer_value(json_object_get(hold, "id")), cli_value(args, "ecosystem"));
    }
    end(args);
    return 0;
}

static void print(const json_t *hold)
{
    const char *commit = json_text(hold, "commit"), *released = json_text(hold, "released_by");
    bool branch = strcmp(json_text(hold, "scope"), "branch") == 0;
    /* One that was only tried has no number: the next one gets another. */
    if (released || !json_is_true(json_object_get(hold, "dry_run")))
        (void)printf("%lld  ", (long long)json_integer_value(json_object_get(hold, "id")));
    (void)printf("%s%.12s  %s%s%s  by %s at %s%s%s\n", branch ? "branch" : "commit ", branch || !commit ? "" : commit,
                 released ? "released" : "held", *json_text(hold, "reason") ? ": " : "", json_text(hold, "reason"),
                 json_text(hold, "held_by"), json_text(hold, "held_at"), released ? ", released by " : "",
                 released ? released : "");
}

static int add(const struct cli_args *args, struct err *err)
{
    struct server_answer answer;
    json_t *body = body_of(args);
    if (args->operand_count > 1)
        return command_check_operands(&cmd_hold_add, args, 1, err);
    if (args->operand_count)
        json_object_set_new(body, "commit", json_string(args->operands[0]));
    int rc = ask(args, HTTP_POST, arena_printf(args->arena, "holds?dry_run=%s", dry_run(args)), body, &answer, err);
    if (!rc && !cli_has(args, "json"))
        print(answer.json);
    if (!rc)
        end(args);
    return rc;
}

static int release(const struct cli_args *args, struct err *err)
{
    struct server_answer answer;
    int64_t id;
    int rc = command_check_operands(&cmd_hold_release, args, 1, err);
    if (rc)
        return rc;
    if (!str_int64(str_from(args->operands[0]), 1, INT64_MAX, &id))
        return err_set(err, ERR_USAGE, "hold release: \"%.40s\" is no number of a hold", args->operands[0]);
    rc = ask(args, HTTP_POST, arena_printf(args->arena, "holds/%lld/release?dry_run=%s", (long long)id, dry_run(args)),
             body_of(args), &answer, err);
    if (rc)
        return rc;
    if (!cli_has(args, "json")) {
        print(answer.json);
        const json_t *delivery = json_object_get(answer.json, "delivery");
        if (json_is_integer(delivery) && cli_has(args, "yes"))
            (void)printf("delivery %lld merges the head of the branch\n", (long long)json_integer_value(delivery));
    }
    end(args);
    return 0;
}

enum { LISTED = 200 };

static int list(const struct cli_args *args, struct err *err)
{
    struct server_answer answer;
    int rc = ask(args, HTTP_GET,
                 arena_printf(args->arena, "holds?limit=%d%s", LISTED, cli_has(args, "all") ? "" : "&state=held"), NULL,
                 &answer, err);
    if (rc || cli_has(args, "json"))
        return rc;
    size_t i;
    const json_t *hold;
    json_array_foreach(json_object_get(answer.json, "items"), i, hold) print(hold);
    return 0;
}

const struct command cmd_rollback = {.name = "rollback",
                                     .summary = "make a version with the content of an older one, and hold the branch",
                                     .options = rolling,
                                     .run = roll_back};
const struct command cmd_hold_add = {.name = "hold add",
                                     .summary = "keep a commit, or the branch, from coming in force",
                                     .operands = "[COMMIT]",
                                     .options = holding,
                                     .run = add};
const struct command cmd_hold_list = {
    .name = "hold list", .summary = "what is kept from coming in force", .options = listing, .run = list};
const struct command cmd_hold_release = {.name = "hold release",
                                         .summary = "let it come in force: merge the head of the branch",
                                         .operands = "ID",
                                         .options = holding,
                                         .run = release};
