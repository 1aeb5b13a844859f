#include "cli/command.h"
#include "cli/control.h"
#include "ingest/target.h"
#include "ingest/verify.h"
#include "model/cause.h"

#include <signal.h>
#include <stdio.h>

/* `yellow verify`: source, table and history of a stream compared, for operators. */

enum { EXIT_DIFFERENT = 1, ROWS_SHOWN = 20 };

static struct progress progress;

static void on_signal(int signal)
{
    progress_stop(&progress, signal == SIGINT ? "SIGINT" : "SIGTERM");
}

static json_t *report_json(const struct work *work, const struct verify_report *report)
{
    json_t *datasets = json_array(), *findings = json_array();
    for (size_t i = 0; i < report->dataset_count; i++) {
        const struct verify_dataset *d = &report->datasets[i];
        json_array_append_new(datasets, json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "dataset",
                                                  d->dataset, "compared", d->compared, "source", (json_int_t)d->source,
                                                  "live", (json_int_t)d->live, "history", (json_int_t)d->history,
                                                  "missing", (json_int_t)d->missing, "extra", (json_int_t)d->extra,
                                                  "differs", (json_int_t)d->differs, "broken", (json_int_t)d->broken));
    }
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct verify_finding *finding = &report->findings[i];
        json_t *text = json_string(finding->text);
        json_array_append_new(findings,
                              json_pack("{s:o, s:s, s:o}", "dataset", json_text_or_null(finding->dataset), "kind",
                                        finding->kind, "text", text ? text : json_string("(not UTF-8)")));
    }
    return json_pack("{s:s, s:s, s:b, s:i, s:o, s:o}", "platform", work->platform, "stream", work->name, "equal",
                     report->equal, "batch", report->batch, "datasets", datasets, "findings", findings);
}

static void print_report(const struct work *work, const struct verify_report *report)
{
    (void)printf("%s on %s, batch %d: %s\n", work->name, work->platform, (int)report->batch,
                 report->equal ? "equal" : "different");
    for (size_t i = 0; i < report->dataset_count; i++) {
        const struct verify_dataset *d = &report->datasets[i];
        (void)printf("  %s: %lld live rows, %lld of history", d->dataset, (long long)d->live, (long long)d->history);
        if (d->compared)
            (void)printf(", %lld in the source; %lld missing, %lld extra, %lld different", (long long)d->source,
                         (long long)d->missing, (long long)d->extra, (long long)d->differs);
        else
            (void)printf(", not compared with the source");
        (void)printf("%s\n", d->broken ? "; rules are broken" : "");
    }
    for (size_t i = 0; i < report->finding_count; i++)
        (void)printf("  %s%s%s: %s\n", report->findings[i].dataset ? report->findings[i].dataset : "",
                     report->findings[i].dataset ? ": " : "", report->findings[i].kind, report->findings[i].text);
}

static int read_work(const struct cli_args *args, const struct work **out, struct err *err)
{
    const char *ecosystem = cli_value(args, "ecosystem"), *platform = cli_value(args, "platform"),
               *stream = cli_value(args, "stream");
    struct server server;
    struct server_answer answer;
    if (control_check_name("ecosystem", ecosystem, false, err) != 0 ||
        control_check_name("platform", platform, false, err) != 0 ||
        control_check_name("stream", stream, true, err) != 0 || control_open(args, &server, err) != 0)
        return -err->code;
    const struct server_call call = {.method = HTTP_GET,
                                     .path = arena_printf(args->arena, "/v1/ecosystems/%s/platforms/%s/streams/%s/work",
                                                          ecosystem, platform, stream)};
    int rc = server_send(&server, args->arena, &call, &answer, err);
    return rc ? rc : work_read_order(args->arena, answer.body, out, err);
}

static int verify(const struct cli_args *args, const struct work *work, struct verify_report *report, struct err *err)
{
    struct sigaction action = {.sa_handler = on_signal};
    const struct verify_options options = {.without_source = cli_has(args, "without-source"), .limit = ROWS_SHOWN};
    const char *why = NULL;
    struct pg *pg = NULL;
    int rc = progress_init(&progress, err);
    if (rc)
        return rc;
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    rc = target_connect(args->arena, work->merge, work->merge_credential, "yellow verify", &pg, err);
    if (!rc)
        rc = verify_run(args->arena, work, pg, &progress, &options, report, &why, err);
    const struct cause *cause = rc ? cause_find(why) : NULL;
    if (cause) {
        (void)err_prefix(err, "%s", cause->name);
        if (!*err->hint)
            (void)err_hint(err, "%s", cause->hint);
    }
    pg_close(pg);
    progress_dispose(&progress);
    return rc;
}

static int run(const struct cli_args *args, struct err *err)
{
    const struct work *work = NULL;
    struct verify_report report = {0};
    int rc = read_work(args, &work, err);
    if (!rc)
        rc = verify(args, work, &report, err);
    if (rc) {
        /* 1 says "different", and nothing else does. */
        if (err_kind(err->code)->exit_code == EXIT_DIFFERENT)
            err->code = ERR_IO;
        return -err->code;
    }
    if (cli_has(args, "json")) {
        struct buf *text = buf_new(args->arena);
        json_write(text, json_own(args->arena, report_json(work, &report)));
        (void)puts(buf_text(text));
    } else {
        print_report(work, &report);
    }
    return report.equal ? 0 : EXIT_DIFFERENT;
}

static const struct cli_option options[] = {
    {"ecosystem", "NAME", "the ecosystem", CLI_REQUIRED},
    {"platform", "NAME", "the data platform", CLI_REQUIRED},
    {"stream", "NAME", "the stream", CLI_REQUIRED},
    {"without-source", NULL, "look at table and history alone", 0},
    {"json", NULL, "as JSON", 0},
    CONTROL_OPTIONS("model:read"),
    {0},
};

static const char exit_codes[] = "\nThe source is read anew: what changed there since the last batch is a difference. "
                                 "Credentials as for yellow job run.\n"
                                 "\nExit codes: 0 equal, 1 different, 2 usage, 3 it could not be found out.\n";

const struct command cmd_verify = {.name = "verify",
                                   .summary = "compare source, table and history of a stream",
                                   .options = options,
                                   .exit_codes = exit_codes,
                                   .run = run};
