#include "cli/command.h"
#include "cli/folder.h"
#include "model/annotate.h"
#include "stack/stack.h"

#include <stdio.h>

struct report {
    struct arena *arena;
    const struct findings *findings;
    const struct model *model;
    const char *folder; /* as paths in the working directory begin; "" when that is not below it */
};

static void print_json(const struct report *report, json_t *json)
{
    struct buf *text = buf_new(report->arena);
    json_write(text, json_own(report->arena, json));
    (void)puts(buf_text(text));
}

static void write_text(const struct report *report)
{
    const struct findings *findings = report->findings;
    struct buf *text = buf_new(report->arena);
    findings_print(findings, text);
    (void)fputs(buf_text(text), stdout);
    (void)printf("%zu objects, %zu errors, %zu warnings\n", report->model->count, findings->errors, findings->warnings);
}

static void write_json(const struct report *report)
{
    const struct findings *findings = report->findings;
    print_json(report, json_pack("{s:I,s:I,s:I,s:o}", "objects", (json_int_t)report->model->count, "errors",
                                 (json_int_t)findings->errors, "warnings", (json_int_t)findings->warnings, "findings",
                                 findings_json(findings)));
}

static void write_sarif(const struct report *report)
{
    print_json(report, findings_sarif(report->findings, report->folder));
}

static void write_github(const struct report *report)
{
    struct buf *text = buf_new(report->arena);
    findings_github(report->findings, report->folder, text);
    (void)fputs(buf_text(text), stdout);
}

static const struct format {
    const char *name;
    void (*write)(const struct report *report);
} formats[] = {{"text", write_text}, {"json", write_json}, {"sarif", write_sarif}, {"github", write_github}};

static int find_format(const struct cli_args *args, const struct format **out, struct err *err)
{
    const char *name = cli_value(args, "format");
    if (cli_has(args, "json") && name && strcmp(name, "json") != 0)
        return err_set(err, ERR_USAGE, "--json and --format %s contradict each other", name);
    if (!name)
        name = cli_has(args, "json") ? "json" : "text";
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i].name, name) == 0) {
            *out = &formats[i];
            return 0;
        }
    err_set(err, ERR_USAGE, "there is no format %s", name);
    return err_hint(err, "text, json, sarif or github");
}

/* A code host knows files from the top of the repository, where its jobs run: a relative operand is kept, without what
 * says nothing ("./", "/" at the end). */
static const char *folder_of(struct arena *arena, const char *operand)
{
    struct str folder = str_from(operand);
    while (str_starts(folder, STR("./")))
        folder = (struct str){folder.data + 2, folder.len - 2};
    while (folder.len > 1 && folder.data[folder.len - 1] == '/')
        folder.len--;
    if (str_eqz(folder, ".") || str_starts(folder, STR("/")))
        return "";
    return arena_strndup(arena, folder.data, folder.len);
}

static int check(const struct cli_args *args, const struct stack_library *library, const struct format *format,
                 struct err *err)
{
    struct findings findings = {.arena = args->arena};
    struct model *model;
    int rc = folder_load(args->arena, args->operands[0], &findings, &model, err);
    if (rc)
        return rc;
    struct jobs jobs = model_jobs(args->arena, model, &findings);
    if (findings.errors == 0)
        stack_check(library, model, &jobs, &findings);
    findings_sort(&findings);
    const struct report report = {args->arena, &findings, model, folder_of(args->arena, args->operands[0])};
    format->write(&report);
    if (!findings.errors)
        return 0;
    return err_set(err, ERR_INVALID, "%s: the model has %zu errors", args->operands[0], findings.errors);
}

static int run(const struct cli_args *args, struct err *err)
{
    struct stack_library *library = NULL;
    const struct format *format = NULL;
    int rc = command_check_operands(&cmd_validate, args, 1, err);
    if (rc == 0)
        rc = find_format(args, &format, err);
    if (rc == 0)
        rc = stack_library_new(&library, err);
    if (rc == 0)
        rc = check(args, library, format, err);
    stack_library_free(library);
    return rc;
}

static const struct cli_option options[] = {
    {"json", NULL, "the same as --format json", 0},
    {"format", "FORMAT", "text, json, sarif (2.1.0) or github (annotations of a workflow)", 0},
    {0},
};

const struct command cmd_validate = {.name = "validate",
                                     .summary = "check a model folder and print everything that is wrong with it",
                                     .operands = "DIR",
                                     .options = options,
                                     .run = run};
