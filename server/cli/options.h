#ifndef YELLOW_CLI_OPTIONS_H
#define YELLOW_CLI_OPTIONS_H

#include "base/arena.h"
#include "base/err.h"

/* Long options from a table: --name VALUE, --name=VALUE, or --name for a switch. "--" ends them. */
enum cli_option_flags {
    CLI_MANY = 1, /* may be given again; otherwise the second one is an error */
    CLI_REQUIRED = 2
};

struct cli_option {
    const char *name;  /* "scope"; NULL ends a table */
    const char *value; /* what help calls its value; NULL: a switch */
    const char *doc;
    unsigned flags; /* enum cli_option_flags */
};

struct cli_given {
    const struct cli_option *option;
    const char *value; /* "" for a switch */
};

struct cli_args {
    struct arena *arena;
    const struct cli_given *given;
    size_t given_count;
    const char *const *operands;
    size_t operand_count;
    bool help; /* --help or -h: nothing else was checked */
};

/* Reads argv against NULL-terminated tables of options (a NULL-terminated list of tables). Everything is borrowed from
 * argv or on the arena. ERR_USAGE names the option, with the nearest known one as a hint. */
int cli_parse(struct arena *arena, const struct cli_option *const *tables, int argc, char *const *argv,
              struct cli_args *out, struct err *err);
/* The value given, or NULL; the last one of an option that may be given again. */
const char *cli_value(const struct cli_args *args, const char *name);
bool cli_has(const struct cli_args *args, const char *name);
/* All values of an option, in order, on the arena; returns how many. */
size_t cli_values(const struct cli_args *args, const char *name, const char *const **out);

#endif
