#include "cli/command.h"

static int run(const struct cli_args *args, struct err *err)
{
    (void)args;
    (void)err;
    (void)puts("yellow " YELLOW_VERSION);
    return 0;
}

const struct command cmd_version = {.name = "version", .summary = "print the version", .run = run};
