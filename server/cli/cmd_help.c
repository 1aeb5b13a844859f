#include "cli/command.h"

static int run(const struct cli_args *args, struct err *err)
{
    const struct command *command = NULL;
    int words = 0;
    if (args->operand_count == 0) {
        command_help_all(stdout);
        return 0;
    }
    int rc = command_find((int)args->operand_count, (char *const *)args->operands, &command, &words, err);
    if (!rc)
        command_help(command, stdout);
    return rc;
}

const struct command cmd_help = {
    .name = "help", .summary = "list the commands, or explain one", .operands = "[COMMAND]", .run = run};
