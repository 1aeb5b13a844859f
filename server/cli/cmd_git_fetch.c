#include "cli/command.h"
#include "git/fetch.h"

const struct command cmd_git_fetch = {.name = "git-fetch", .run_hidden = git_fetch_child};
