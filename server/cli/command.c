#include "cli/command.h"

#include "base/str.h"
#include "cli/config.h"

/* one a line */
/* clang-format off */
const struct command *const command_table[] = {
    &cmd_serve,
    &cmd_migrate,
    &cmd_validate,
    &cmd_plan,
    &cmd_lineage,
    &cmd_impact,
    &cmd_render,
    &cmd_template,
    &cmd_component_list,
    &cmd_component_show,
    &cmd_component_doc,
    &cmd_assembly_list,
    &cmd_assembly_show,
    &cmd_job_run,
    &cmd_verify,
    &cmd_views_reconcile,
    &cmd_ecosystem_add,
    &cmd_ecosystem_list,
    &cmd_token_create,
    &cmd_token_list,
    &cmd_token_revoke,
    &cmd_status,
    &cmd_stream_pause,
    &cmd_stream_resume,
    &cmd_stream_run,
    &cmd_stream_cancel,
    &cmd_stream_reset,
    &cmd_stream_resnapshot,
    &cmd_stream_rewind,
    &cmd_stream_drop,
    &cmd_stream_withdraw,
    &cmd_rollback,
    &cmd_hold_add,
    &cmd_hold_list,
    &cmd_hold_release,
    &cmd_version,
    &cmd_help,
    &cmd_git_fetch,
    &cmd_work,
    NULL,
};
/* clang-format on */

static const char exit_codes[] = "\nExit codes: 0 done, 1 the model or the input is wrong, 2 usage, 3 the environment "
                                 "failed.\n";

/* How many words of argv name the command; 0: another one. */
static int match(const struct command *command, int argc, char *const *argv)
{
    struct str rest = str_from(command->name);
    int words = 0;
    while (rest.data) {
        struct str word = str_cut(&rest, ' ');
        if (words == argc || !str_eqz(word, argv[words]))
            return 0;
        words++;
    }
    return words;
}

static bool is_group(const char *name, const char *group)
{
    size_t len = strlen(group);
    return strncmp(name, group, len) == 0 && name[len] == ' ';
}

static int unknown(int argc, char *const *argv, struct err *err)
{
    const char *nearest = NULL;
    size_t best = 4;
    bool group = false;
    char asked[128];
    for (const struct command *const *c = command_table; *c; c++)
        group = group || is_group((*c)->name, argv[0]);
    if (group && argc < 2) {
        (void)err_set(err, ERR_USAGE, "%s: a command is missing", argv[0]);
        return err_hint(err, "yellow %s --help", argv[0]);
    }
    for (const struct command *const *c = command_table; *c; c++) {
        bool two = strchr((*c)->name, ' ') && argc > 1;
        (void)snprintf(asked, sizeof asked, "%s%s%s", argv[0], two ? " " : "", two ? argv[1] : "");
        size_t distance = (*c)->run ? str_distance(str_from(asked), str_from((*c)->name), 3) : best;
        if (distance < best) {
            best = distance;
            nearest = (*c)->name;
        }
    }
    (void)err_set(err, ERR_USAGE, "unknown command %s%s%s", argv[0], group ? " " : "", group ? argv[1] : "");
    return nearest ? err_hint(err, "did you mean: yellow %s", nearest) : err_hint(err, "yellow help lists them");
}

int command_find(int argc, char *const *argv, const struct command **out, int *words, struct err *err)
{
    for (const struct command *const *c = command_table; *c; c++) {
        int n = match(*c, argc, argv);
        if (n) {
            *out = *c;
            *words = n;
            return 0;
        }
    }
    return unknown(argc, argv, err);
}

int command_check_operands(const struct command *command, const struct cli_args *args, size_t count, struct err *err)
{
    if (args->operand_count == count)
        return 0;
    if (args->operand_count > count)
        (void)err_set(err, ERR_USAGE, "%s: unexpected argument %s", command->name, args->operands[count]);
    else
        (void)err_set(err, ERR_USAGE, "%s: an argument is missing", command->name);
    return err_hint(err, "usage: yellow %s%s%s [options]", command->name, command->operands ? " " : "",
                    command->operands ? command->operands : "");
}

static void help_options(const struct cli_option *options, FILE *out)
{
    for (; options && options->name; options++) {
        char left[64];
        (void)snprintf(left, sizeof left, "--%s%s%s", options->name, options->value ? " " : "",
                       options->value ? options->value : "");
        (void)fprintf(out, "  %-28s %s%s%s\n", left, options->doc, options->flags & CLI_REQUIRED ? " (needed)" : "",
                      options->flags & CLI_MANY ? " (may be given again)" : "");
    }
}

void command_help(const struct command *command, FILE *out)
{
    (void)fprintf(out, "Usage: yellow %s%s%s [options]\n\n  %s\n\nOptions:\n", command->name,
                  command->operands ? " " : "", command->operands ? command->operands : "", command->summary);
    help_options(command->options, out);
    help_options(config_options(command->settings), out);
    (void)fprintf(out, "  %-28s %s\n", "--help", "this text");
    if (command->settings)
        (void)fprintf(out, "\nA setting comes from its flag, else from its environment variable, else from the file "
                           "that --config or\nYELLOW_CONFIG names, else it has its default: yellow serve "
                           "--check-config shows all of them.\n");
    (void)fputs(command->exit_codes ? command->exit_codes : exit_codes, out);
}

void command_help_group(const char *group, FILE *out)
{
    for (const struct command *const *c = command_table; *c; c++) {
        char left[64];
        if (!(*c)->run || (group && !is_group((*c)->name, group)))
            continue;
        (void)snprintf(left, sizeof left, "%s%s%s", (*c)->name, (*c)->operands ? " " : "",
                       (*c)->operands ? (*c)->operands : "");
        (void)fprintf(out, "  %-28s %s\n", left, (*c)->summary);
    }
}

void command_help_all(FILE *out)
{
    (void)fputs("Usage: yellow COMMAND [options]\n\nCommands:\n", out);
    command_help_group(NULL, out);
    (void)fputs("\nyellow COMMAND --help says more.\n", out);
    (void)fputs(exit_codes, out);
}

static int report(const struct err *err)
{
    (void)fflush(stdout);
    (void)fprintf(stderr, "yellow: %s\n", err->text);
    if (*err->hint)
        (void)fprintf(stderr, "hint: %s\n", err->hint);
    return err_kind(err->code)->exit_code;
}

/* "yellow token --help": the group's commands. */
static bool help_of_group(int argc, char **argv)
{
    if (argc < 2 || (strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "-h") != 0))
        return false;
    for (const struct command *const *c = command_table; *c; c++)
        if (is_group((*c)->name, argv[0])) {
            (void)printf("Usage: yellow %s COMMAND [options]\n\nCommands:\n", argv[0]);
            command_help_group(argv[0], stdout);
            (void)fputs(exit_codes, stdout);
            return true;
        }
    return false;
}

static int run(struct arena *arena, int argc, char **argv, struct err *err)
{
    const struct command *command = NULL;
    struct cli_args args;
    int words = 0;
    if (help_of_group(argc, argv))
        return 0;
    int rc = command_find(argc, argv, &command, &words, err);
    if (rc)
        return rc;
    if (command->run_hidden)
        return command->run_hidden(argc, argv);
    static const struct cli_option none[] = {{0}};
    const struct cli_option *const tables[] = {command->options ? command->options : none,
                                               config_options(command->settings), NULL};
    rc = cli_parse(arena, tables, argc - words, argv + words, &args, err);
    if (rc)
        return rc;
    if (args.help) {
        command_help(command, stdout);
        return 0;
    }
    if (!command->operands)
        rc = command_check_operands(command, &args, 0, err);
    return rc ? rc : command->run(&args, err);
}

int command_main(int argc, char **argv)
{
    struct err err = {0};
    if (argc < 2) {
        command_help_all(stderr);
        return err_kind(ERR_USAGE)->exit_code;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        command_help_all(stdout);
        return 0;
    }
    struct arena *arena = arena_new();
    char *version[] = {"version", NULL};
    int rc = strcmp(argv[1], "--version") == 0 ? run(arena, 1, version, &err) : run(arena, argc - 1, argv + 1, &err);
    int code = rc < 0 ? report(&err) : rc;
    arena_free(arena);
    /* What was printed and did not arrive was not done. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)fputs("yellow: standard output cannot be written\n", stderr);
        return err_kind(ERR_IO)->exit_code;
    }
    return code;
}
