#ifndef YELLOW_CLI_COMMAND_H
#define YELLOW_CLI_COMMAND_H

#include "cli/options.h"

#include <stdio.h>

/* A subcommand. To add one: write cli/cmd_NAME.c with `const struct command cmd_NAME = {...}`, declare it at the end
 * of this header and put it into the table in command.c, in the order of help. A name of two words ("token create")
 * makes a group by itself. */
struct command {
    const char *name;
    const char *summary;              /* one line, lower case, no full stop */
    const char *operands;             /* "DIR"; NULL: none */
    const struct cli_option *options; /* ended by one without a name; NULL: none */
    const char *exit_codes;           /* what help says of them; NULL: those that all commands have */
    unsigned settings;                /* groups of cli/config.h that it reads: their flags are its options too */
    /* Returns 0, or a negative code with err, which main prints and turns into the exit code. */
    int (*run)(const struct cli_args *args, struct err *err);
    /* Instead of run: gets its arguments as they are (argv[0] is the name) and returns the exit code. Not in help. */
    int (*run_hidden)(int argc, char **argv);
};

/* NULL-terminated. */
extern const struct command *const command_table[];

/* Runs yellow's command line; returns the exit code: 0 done, 1 the model or the input is wrong, 2 usage, 3 the
 * environment failed. Errors go to standard error as "yellow: text" and "hint: ...". */
int command_main(int argc, char **argv);

/* Finds the command whose words begin argv; *words says how many. ERR_USAGE with the nearest one as a hint. */
int command_find(int argc, char *const *argv, const struct command **out, int *words, struct err *err);
/* Checks the number of operands: ERR_USAGE that shows the usage. */
int command_check_operands(const struct command *command, const struct cli_args *args, size_t count, struct err *err);
void command_help(const struct command *command, FILE *out);
void command_help_all(FILE *out);
/* The commands of a group, or all when group is NULL, one a line. */
void command_help_group(const char *group, FILE *out);

extern const struct command cmd_serve, cmd_migrate, cmd_validate, cmd_plan, cmd_lineage, cmd_impact, cmd_render,
    cmd_token_create, cmd_token_list, cmd_token_revoke, cmd_version, cmd_help, cmd_git_fetch, cmd_work;
extern const struct command cmd_stream_pause, cmd_stream_resume, cmd_stream_run, cmd_stream_cancel, cmd_stream_reset,
    cmd_stream_resnapshot, cmd_stream_rewind, cmd_stream_drop, cmd_stream_withdraw;
extern const struct command cmd_rollback, cmd_hold_add, cmd_hold_list, cmd_hold_release;
extern const struct command cmd_component_list, cmd_component_show, cmd_component_doc, cmd_assembly_list,
    cmd_assembly_show;
extern const struct command cmd_ecosystem_add, cmd_ecosystem_list, cmd_template;
extern const struct command cmd_job_run, cmd_verify, cmd_views_reconcile, cmd_status;

#endif
