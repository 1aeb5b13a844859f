#include "base/file.h"
#include "cli/command.h"
#include "cli/folder.h"
#include "stack/stack.h"

#include <stdio.h>

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

static int render(const struct cli_args *args, const struct stack_library *library, struct err *err)
{
    struct arena *arena = args->arena;
    const char *dir = args->operands[0], *psp = cli_value(args, "psp"), *output = cli_value(args, "output");
    struct findings findings = {.arena = arena};
    struct model *model;
    struct stack stack;
    int rc = folder_load(arena, dir, &findings, &model, err);
    if (rc < 0)
        return rc;
    if (findings.errors == 0)
        rc = stack_render(arena, library, model, psp, &findings, &stack, err);
    if (findings.errors) {
        print_findings(arena, &findings);
        return err_set(err, ERR_INVALID, "%s: %zu errors, nothing was rendered", dir, findings.errors);
    }
    if (rc < 0)
        return rc;
    if (output)
        return write_artifacts(arena, output, &stack, err);
    struct buf *text = buf_new(arena);
    stack_write_yaml(&stack, text);
    (void)fwrite(buf_text(text), 1, text->len, stdout);
    return 0;
}

static int run(const struct cli_args *args, struct err *err)
{
    struct stack_library *library = NULL;
    int rc = command_check_operands(&cmd_render, args, 1, err);
    if (rc == 0)
        rc = stack_library_new(&library, err);
    if (rc == 0)
        rc = render(args, library, err);
    stack_library_free(library);
    return rc;
}

static const struct cli_option options[] = {
    {"psp", "NAME", "the PlatformServiceProvider", CLI_REQUIRED},
    {"output", "FOLDER", "write one file an artifact there; without it, all of them to standard output", 0},
    {0},
};

const struct command cmd_render = {.name = "render",
                                   .summary = "render the stack of a PSP from a model folder, without a server",
                                   .operands = "DIR",
                                   .options = options,
                                   .run = run};
