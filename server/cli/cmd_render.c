#include "base/file.h"
#include "cli/command.h"
#include "cli/folder.h"
#include "stack/diff.h"
#include "stack/stack_json.h"

#include <stdio.h>

/* Of --diff --exit-code alone: 1 to 3 are errors, as with every command. */
enum { EXIT_DIFFERENT = 4 };

static void print_findings(struct arena *arena, struct findings *findings)
{
    struct buf *text = buf_new(arena);
    findings_sort(findings);
    findings_print(findings, text);
    (void)fputs(buf_text(text), stderr);
}

/* One file an artifact, and nothing else is touched. */
static int write_artifacts(struct arena *arena, const char *dir, const struct stack *stack, struct err *err)
{
    int rc = file_make_dirs(dir, 0755, err);
    for (size_t i = 0; rc == 0 && i < stack->count; i++) {
        const struct artifact *artifact = &stack->artifacts[i];
        rc = file_write(arena_printf(arena, "%s/%s", dir, artifact->name), artifact->text, 0644, err);
        if (rc == 0)
            (void)printf("%.12s  %s/%s\n", artifact->sha256, dir, artifact->name);
    }
    return rc;
}

static int name_psps(struct arena *arena, const struct model *model, struct err *err)
{
    struct buf *names = buf_new(arena);
    map_each(entry, &model->by_kind[OBJECT_PSP])
        buf_addf(names, "%s" STR_FMT, names->len ? ", " : "", STR_ARG(entry->key));
    return err_hint(err, "the model has %s", names->len ? buf_text(names) : "none");
}

/* The model of a folder, and the PSP's stack in it; the findings are on standard error when it has errors. */
static int load_and_render(const struct cli_args *args, const struct stack_library *library, const char *dir,
                           bool may_lack_psp, struct stack *out, struct err *err)
{
    struct findings findings = {.arena = args->arena};
    struct model *model;
    const char *psp = cli_value(args, "psp");
    int rc = folder_load(args->arena, dir, &findings, &model, err);
    if (rc < 0)
        return rc;
    *out = (struct stack){0};
    if (findings.errors == 0 && (!may_lack_psp || model_find(model, OBJECT_PSP, psp)))
        rc = stack_render(args->arena, library, model, psp, &findings, out, err);
    if (!findings.errors)
        return rc == -ERR_NOT_FOUND && !model_find(model, OBJECT_PSP, psp) ? name_psps(args->arena, model, err) : rc;
    print_findings(args->arena, &findings);
    return err_set(err, ERR_INVALID, "%s: %zu errors, nothing was rendered", dir, findings.errors);
}

static void print_json(struct arena *arena, json_t *json)
{
    struct buf *text = buf_new(arena);
    json_write(text, json_own(arena, json));
    (void)printf("%s\n", buf_text(text));
}

static int render_stack(const struct cli_args *args, const struct stack_library *library, struct err *err)
{
    struct stack stack;
    const char *output = cli_value(args, "output");
    int rc = load_and_render(args, library, args->operands[0], false, &stack, err);
    if (rc < 0)
        return rc;
    if (output)
        return write_artifacts(args->arena, output, &stack, err);
    if (cli_has(args, "json")) {
        print_json(args->arena, stack_json(&stack, cli_value(args, "psp"), true));
        return 0;
    }
    struct buf *text = buf_new(args->arena);
    stack_write_yaml(&stack, text);
    (void)fwrite(buf_text(text), 1, text->len, stdout);
    return 0;
}

static void print_diff(const struct cli_args *args, const struct stack_diff *diff)
{
    if (cli_has(args, "json")) {
        print_json(args->arena, stack_diff_json(diff));
        return;
    }
    struct buf *text = buf_new(args->arena);
    stack_diff_write_text(diff, text);
    (void)fwrite(buf_text(text), 1, text->len, stdout);
}

/* A PSP that one of the folders does not have is added or removed as a whole. */
static int render_diff(const struct cli_args *args, const struct stack_library *library, struct err *err)
{
    struct stack older = {0}, newer = {0};
    struct stack_diff diff;
    const char *psp = cli_value(args, "psp");
    int rc = load_and_render(args, library, cli_value(args, "diff"), true, &older, err);
    if (rc == 0)
        rc = load_and_render(args, library, args->operands[0], true, &newer, err);
    if (rc < 0)
        return rc;
    if (!*older.sha256 && !*newer.sha256)
        return err_set(err, ERR_NOT_FOUND, "there is no PlatformServiceProvider %s in either folder", psp);
    stack_diff_make(args->arena, &older, &newer, &diff);
    print_diff(args, &diff);
    return diff.len && cli_has(args, "exit-code") ? EXIT_DIFFERENT : 0;
}

static int check_options(const struct cli_args *args, struct err *err)
{
    if (cli_has(args, "output") && (cli_has(args, "diff") || cli_has(args, "json")))
        return err_set(err, ERR_USAGE, "render: --output goes with neither --diff nor --json");
    if (cli_has(args, "exit-code") && !cli_has(args, "diff"))
        return err_set(err, ERR_USAGE, "render: --exit-code goes with --diff");
    return command_check_operands(&cmd_render, args, 1, err);
}

static int run(const struct cli_args *args, struct err *err)
{
    struct stack_library *library = NULL;
    int rc = check_options(args, err);
    if (rc == 0)
        rc = stack_library_new(&library, err);
    if (rc == 0)
        rc = cli_has(args, "diff") ? render_diff(args, library, err) : render_stack(args, library, err);
    stack_library_free(library);
    return rc;
}

static const struct cli_option options[] = {
    {"psp", "NAME", "the PlatformServiceProvider", CLI_REQUIRED},
    {"output", "FOLDER", "write one file an artifact there; without it, all of them to standard output", 0},
    {"diff", "FOLDER", "print what changes since the model in that folder, as a unified difference", 0},
    {"exit-code", NULL, "with --diff: exit with 4 when something changes, instead of 0", 0},
    {"json", NULL, "print JSON: the artifacts, or with --diff what changes, with the paths of changed values", 0},
    {0},
};

const struct command cmd_render = {.name = "render",
                                   .summary = "render the stack of a PSP from a model folder, without a server",
                                   .operands = "DIR",
                                   .options = options,
                                   .run = run};
