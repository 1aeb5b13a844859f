#include "cli/command.h"
#include "cli/control.h"
#include "control/operation.h"

#include <stdio.h>

/* yellow stream OPERATION NAME: what operators do, over the API. */

static const struct cli_option common[] = {
    {"ecosystem", "NAME", "of which ecosystem", CLI_REQUIRED},
    {"platform", "NAME", "on which data platform", CLI_REQUIRED},
    {"transformer", NULL, "NAME is a transformer", 0},
    {"yes", NULL, "do it; without, it is only said what would be done", 0},
    {"json", NULL, "print the answer as JSON", 0},
    CONTROL_OPTIONS("operation:write"),
    {0},
};
static const struct cli_option rewinding[] = {
    {"to-watermark", "TEXT", "where the next batch begins to read", 0},
    {"to-batch", "N", "the committed batch after which to go on", 0},
    {"skip", NULL, "the watermark may be a later one: what was not read before it is left out for ever", 0},
    {"ecosystem", "NAME", "of which ecosystem", CLI_REQUIRED},
    {"platform", "NAME", "on which data platform", CLI_REQUIRED},
    {"yes", NULL, "do it; without, it is only said what would be done", 0},
    {"json", NULL, "print the answer as JSON", 0},
    CONTROL_OPTIONS("operation:write"),
    {0},
};

static void print(const struct cli_args *args, const struct server_answer *answer, bool dry_run)
{
    if (cli_has(args, "json")) {
        struct buf *out = buf_new(args->arena);
        json_write(out, answer->json);
        (void)puts(buf_text(out));
        return;
    }
    size_t i;
    const json_t *line;
    json_array_foreach(json_object_get(answer->json, "does"), i, line)(void) puts(json_string_value(line));
    if (dry_run)
        (void)puts("nothing was done: add --yes");
}

static int read_rewind(const struct cli_args *args, json_t *body, struct err *err)
{
    const char *watermark = cli_value(args, "to-watermark"), *batch = cli_value(args, "to-batch");
    int64_t number;
    if (!watermark == !batch)
        return err_set(err, ERR_USAGE, "stream rewind: one of --to-watermark and --to-batch says where to");
    if (batch && !str_int64(str_from(batch), 1, INT32_MAX, &number))
        return err_set(err, ERR_USAGE, "--to-batch: \"%s\" is no batch", batch);
    if (cli_has(args, "skip"))
        json_object_set_new(body, "skip", json_true());
    json_object_set_new(body, watermark ? "watermark" : "batch",
                        watermark ? json_string(watermark) : json_integer(number));
    return 0;
}

static int operate(const struct cli_args *args, const struct command *command, enum operation operation,
                   struct err *err)
{
    struct server server;
    struct server_answer answer;
    bool dry_run = !cli_has(args, "yes");
    json_t *body = json_own(args->arena, json_pack("{s:s}", "operation", operation_names[operation]));
    int rc = command_check_operands(command, args, 1, err);
    if (!rc && (control_check_name("ecosystem", cli_value(args, "ecosystem"), false, err) != 0 ||
                control_check_name("platform", cli_value(args, "platform"), false, err) != 0 ||
                control_check_name("stream", args->operands[0], true, err) != 0))
        rc = -(int)err->code;
    if (!rc && operation == OPERATION_REWIND)
        rc = read_rewind(args, body, err);
    if (!rc)
        rc = control_open(args, &server, err);
    if (rc)
        return rc;
    bool transformer = operation != OPERATION_REWIND && cli_has(args, "transformer");
    struct server_call call = {.method = HTTP_POST,
                               .path = arena_printf(args->arena,
                                                    "/v1/ecosystems/%s/platforms/%s/%ss/%s/operations?dry_run=%s",
                                                    cli_value(args, "ecosystem"), cli_value(args, "platform"),
                                                    job_kind_names[transformer ? JOB_TRANSFORMER : JOB_STREAM],
                                                    args->operands[0], dry_run ? "true" : "false"),
                               .body = body};
    rc = server_send(&server, args->arena, &call, &answer, err);
    if (!rc)
        print(args, &answer, dry_run);
    return rc;
}

#define COMMAND(id, OPERATION, table, text)                                                                            \
    static int run_##id(const struct cli_args *args, struct err *err)                                                  \
    {                                                                                                                  \
        return operate(args, &cmd_stream_##id, OPERATION, err);                                                        \
    }                                                                                                                  \
    const struct command cmd_stream_##id = {                                                                           \
        .name = "stream " #id, .summary = text, .operands = "NAME", .options = table, .run = run_##id}

COMMAND(pause, OPERATION_PAUSE, common, "start no more runs of it");
COMMAND(resume, OPERATION_RESUME, common, "let it run again as it is scheduled");
COMMAND(run, OPERATION_RUN, common, "ask the scheduler for a run now");
COMMAND(cancel, OPERATION_CANCEL, common, "stop its live run");
COMMAND(reset, OPERATION_RESET, common, "start its open batch from nothing");
COMMAND(resnapshot, OPERATION_RESNAPSHOT, common, "read all of the source with its next batch");
COMMAND(rewind, OPERATION_REWIND, rewinding, "read again from an earlier watermark or batch");
COMMAND(drop, OPERATION_DROP, common, "drop the tables of a retired stream");
COMMAND(withdraw, OPERATION_WITHDRAW, common, "take back what its next run would do");
