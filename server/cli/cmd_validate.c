#include "cli/command.h"
#include "cli/folder.h"
#include "stack/stack.h"

#include <stdio.h>

static void print_text(struct arena *arena, const struct findings *findings, const struct model *model)
{
    struct buf *text = buf_new(arena);
    findings_print(findings, text);
    (void)fputs(buf_text(text), stdout);
    (void)printf("%zu objects, %zu errors, %zu warnings\n", model->count, findings->errors, findings->warnings);
}

static void print_json(struct arena *arena, const struct findings *findings, const struct model *model)
{
    json_t *json = json_own(arena, json_pack("{s:I,s:I,s:I,s:o}", "objects", (json_int_t)model->count, "errors",
                                             (json_int_t)findings->errors, "warnings", (json_int_t)findings->warnings,
                                             "findings", findings_json(findings)));
    struct buf *text = buf_new(arena);
    json_write(text, json);
    (void)puts(buf_text(text));
}

static int run(const struct cli_args *args, struct err *err)
{
    struct arena *arena = args->arena;
    struct stack_library *library = NULL;
    struct findings findings = {.arena = arena};
    struct model *model;
    int rc = command_check_operands(&cmd_validate, args, 1, err);
    if (rc == 0)
        rc = stack_library_new(&library, err);
    if (rc == 0)
        rc = folder_load(arena, args->operands[0], &findings, &model, err);
    if (rc == 0) {
        (void)model_jobs(arena, model, &findings);
        if (findings.errors == 0)
            stack_check(library, model, &findings);
        findings_sort(&findings);
        (cli_has(args, "json") ? print_json : print_text)(arena, &findings, model);
        if (findings.errors)
            rc = err_set(err, ERR_INVALID, "%s: the model has %zu errors", args->operands[0], findings.errors);
    }
    stack_library_free(library);
    return rc;
}

static const struct cli_option options[] = {
    {"json", NULL, "print the findings as JSON", 0},
    {0},
};

const struct command cmd_validate = {.name = "validate",
                                     .summary = "check a model folder and print everything that is wrong with it",
                                     .operands = "DIR",
                                     .options = options,
                                     .run = run};
