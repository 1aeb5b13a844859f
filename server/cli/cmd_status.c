#include "cli/command.h"
#include "cli/control.h"

#include <stdio.h>

/* yellow status: the document that dashboards poll, for people. */

static const char *text(const json_t *object, const char *key)
{
    const char *found = json_text(object, key);
    return found ? found : "";
}

/* How many are in which state, without the states that none is in. */
static void print_states(const json_t *status, const char *kind)
{
    const char *state;
    json_t *count;
    size_t shown = 0;
    (void)printf("%-13s ", kind);
    json_object_foreach(json_object_get(status, kind), state, count)
    {
        if (json_integer_value(count))
            (void)printf("%s%lld %s", shown++ ? ", " : "", (long long)json_integer_value(count), state);
    }
    (void)puts(shown ? "" : "none");
}

static void print_holds(const json_t *status)
{
    size_t i;
    const json_t *hold;
    json_array_foreach(json_object_get(status, "holds"), i, hold)
    {
        const char *commit = json_text(hold, "commit"), *reason = text(hold, "reason");
        (void)printf("hold %-8lld %s%.12s since %s by %s%s%s\n",
                     (long long)json_integer_value(json_object_get(hold, "id")), commit ? "commit " : "the branch",
                     commit ? commit : "", text(hold, "held_at"), text(hold, "held_by"), *reason ? ": " : "", reason);
    }
}

static void print_failures(const json_t *status)
{
    size_t i;
    const json_t *failure, *batch, *left_out = json_object_get(status, "failures_omitted");
    json_array_foreach(json_object_get(status, "failures"), i, failure)
    {
        const char *cause = text(failure, "cause"), *message = text(failure, "message"), *hint = text(failure, "hint");
        (void)printf("\n%s %s/%s %s since %s", text(failure, "kind"), text(failure, "platform"), text(failure, "name"),
                     text(failure, "state"), text(failure, "since"));
        if ((batch = json_object_get(failure, "batch")) && json_is_integer(batch))
            (void)printf(", batch %lld", (long long)json_integer_value(batch));
        (void)puts("");
        if (*cause || *message)
            (void)printf("  %s%s%s\n", cause, *cause && *message ? ": " : "", message);
        if (*hint)
            (void)printf("  hint: %s\n", hint);
    }
    if (json_integer_value(left_out))
        (void)printf("\nand %lld more\n", (long long)json_integer_value(left_out));
}

static void print(const json_t *status)
{
    const json_t *health = json_object_get(status, "health"), *lag = json_object_get(status, "worst_lag");
    (void)printf("%s, version %lld: %s\n  %s\n", text(status, "ecosystem"),
                 (long long)json_integer_value(json_object_get(status, "version")), text(health, "verdict"),
                 text(health, "reason"));
    print_states(status, "streams");
    print_states(status, "transformers");
    if (json_is_object(lag))
        (void)printf("%-13s stream %s/%s, %lld minutes, last commit at %s\n", "worst lag", text(lag, "platform"),
                     text(lag, "stream"), (long long)json_integer_value(json_object_get(lag, "minutes")),
                     text(lag, "last_commit_at"));
    print_holds(status);
    print_failures(status);
}

static int run(const struct cli_args *args, struct err *err)
{
    struct server server;
    struct server_answer answer;
    const char *ecosystem = cli_value(args, "ecosystem");
    if (control_check_name("ecosystem", ecosystem, false, err) != 0 || control_open(args, &server, err) != 0)
        return -err->code;
    const struct server_call call = {.method = HTTP_GET,
                                     .path = arena_printf(args->arena, "/v1/ecosystems/%s/status", ecosystem)};
    int rc = server_send(&server, args->arena, &call, &answer, err);
    if (rc)
        return rc;
    if (!cli_has(args, "json")) {
        print(answer.json);
        return 0;
    }
    struct buf *out = buf_new(args->arena);
    json_write(out, answer.json);
    (void)puts(buf_text(out));
    return 0;
}

static const struct cli_option options[] = {
    {"ecosystem", "NAME", "of which ecosystem", CLI_REQUIRED},
    {"json", NULL, "print the answer as JSON", 0},
    CONTROL_OPTIONS("status:read"),
    {0},
};

const struct command cmd_status = {.name = "status",
                                   .summary = "how an ecosystem is: its version, its streams, what failed and why",
                                   .options = options,
                                   .run = run};
