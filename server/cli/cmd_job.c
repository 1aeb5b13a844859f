#include "cli/command.h"
#include "cli/control.h"
#include "ingest/job.h"
#include "model/cause.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* `yellow job run`: what Airflow's pods, CronJobs and the local scheduler start. */

enum { PATIENCE_MS = 30000 };

static struct progress progress; /* a signal handler needs to reach it */

static void on_signal(int signal)
{
    progress_stop(&progress, signal == SIGINT ? "SIGINT" : "SIGTERM");
}

static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

static int read_options(const struct cli_args *args, struct server *server, struct job_options *out, struct err *err)
{
    const char *stream = cli_value(args, "stream"), *transformer = cli_value(args, "transformer");
    if (!stream == !transformer) {
        (void)err_set(err, ERR_USAGE, "job run: one of --stream and --transformer");
        return err_hint(err, "yellow job run --help");
    }
    *out = (struct job_options){.server = server,
                                .ecosystem = cli_value(args, "ecosystem"),
                                .platform = cli_value(args, "platform"),
                                .kind = stream ? JOB_STREAM : JOB_TRANSFORMER,
                                .name = stream ? stream : transformer,
                                .patience_ms = PATIENCE_MS,
                                .bar = isatty(STDERR_FILENO) == 1};
    if (control_check_name("ecosystem", out->ecosystem, false, err) != 0 ||
        control_check_name("platform", out->platform, false, err) != 0 ||
        control_check_name(job_kind_names[out->kind], out->name, stream != NULL, err) != 0)
        return -err->code;
    return control_open(args, server, err);
}

static json_t *outcome_json(const struct job_options *options, const struct job_outcome *out)
{
    const struct batch_outcome *batch = &out->batch;
    json_t *datasets = json_array();
    for (size_t i = 0; i < batch->dataset_count; i++)
        json_array_append_new(datasets, json_pack("{s:s, s:s, s:b, s:o}", "dataset", batch->datasets[i].dataset, "way",
                                                  batch->datasets[i].way, "ddl", batch->datasets[i].ddl, "counts",
                                                  server_counts_json(&batch->datasets[i].counts)));
    json_t *json = json_pack("{s:s, s:s, s:s, s:s}", "kind", job_kind_names[options->kind], "platform",
                             options->platform, "name", options->name, "outcome", out->outcome);
    bool committed = strcmp(out->outcome, "committed") == 0;
    json_object_set_new(json, "run", out->run ? json_integer((json_int_t)out->run) : json_null());
    json_object_set_new(json, "batch", batch->batch ? json_integer(batch->batch) : json_null());
    json_object_set_new(json, "counts", committed ? server_counts_json(&batch->counts) : json_null());
    json_object_set_new(json, "watermark", json_text_or_null(committed ? batch->watermark : NULL));
    json_object_set_new(json, "datasets", datasets);
    json_object_set_new(json, "cause", json_text_or_null(out->cause));
    json_object_set_new(json, "message", json_text_or_null(out->message));
    json_object_set_new(json, "reported", json_boolean(out->reported));
    json_object_set_new(json, "exit_code", json_integer(out->exit_code));
    return json;
}

static void print_outcome(const struct cli_args *args, const struct job_options *options, const struct job_outcome *out)
{
    const struct counts *counts = &out->batch.counts;
    if (cli_has(args, "json")) {
        struct buf *text = buf_new(args->arena);
        json_write(text, json_own(args->arena, outcome_json(options, out)));
        (void)puts(buf_text(text));
    } else if (strcmp(out->outcome, "committed") == 0) {
        (void)printf("%s on %s: batch %d committed: %lld read, %lld inserted, %lld updated, %lld deleted, %lld "
                     "unchanged, %lld quarantined\n",
                     options->name, options->platform, (int)out->batch.batch, (long long)counts->read,
                     (long long)counts->inserted, (long long)counts->updated, (long long)counts->deleted,
                     (long long)counts->unchanged, (long long)counts->quarantined);
    }
    if (!out->message)
        return;
    (void)fflush(stdout);
    const struct cause *cause = cause_find(out->cause);
    (void)fprintf(stderr, "yellow: %s%s%s\n", out->cause ? out->cause : "", out->cause ? ": " : "", out->message);
    if (out->hint || cause)
        (void)fprintf(stderr, "hint: %s\n", out->hint ? out->hint : cause->hint);
}

static int run(const struct cli_args *args, struct err *err)
{
    struct server server;
    struct job_options options = {0};
    struct job_outcome outcome;
    int rc = read_options(args, &server, &options, err);
    if (!rc)
        rc = progress_init(&progress, err);
    if (rc)
        return rc;
    watch_signals();
    job_run(args->arena, &options, &progress, &outcome);
    print_outcome(args, &options, &outcome);
    return outcome.exit_code;
}

static const struct cli_option options[] = {
    {"ecosystem", "NAME", "the ecosystem", CLI_REQUIRED},
    {"platform", "NAME", "the data platform", CLI_REQUIRED},
    {"stream", "NAME", "the stream whose next batch to run", 0},
    {"transformer", "NAME", "the transformer to run; its output is ingested too", 0},
    {"json", NULL, "print the outcome as JSON", 0},
    CONTROL_OPTIONS("run:write"),
    {0},
};

static const char exit_codes[] =
    "\nValues of credentials come from the folder that YELLOW_CREDENTIALS names (NAME/KEY), else from the variables\n"
    "YELLOW_CREDENTIAL_NAME_KEY. SIGTERM and SIGINT stop the run cleanly; its batch is taken up by the next one.\n"
    "\nExit codes: 0 committed, 1 the server gives no run, 2 usage, 3 the server does not answer or this machine "
    "failed,\n4 another run is live, 5 cancelled, 6 the lease was lost to another run, 7 committed but not reported "
    "(the next\nrun reports it). Failures, by cause: 10 source-unreachable, 11 credential-refused, 12 schema-changed,\n"
    "13 bad-data-over-limit, 14 target-error, 15 source-error, 16 transform-failed, 17 configuration, 18 internal,\n"
    "19 merge-behind, 20 server-behind, 137 out-of-memory.\n";

const struct command cmd_job_run = {.name = "job run",
                                    .summary = "run the next batch of a stream, or a transformer, to its end",
                                    .options = options,
                                    .exit_codes = exit_codes,
                                    .run = run};
