#ifndef YELLOW_BASE_PROC_H
#define YELLOW_BASE_PROC_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <sys/types.h>

/* A child process with a deadline. */
struct proc_options {
    const char *const *argv; /* argv[0] is a path or is found in PATH */
    const char *const *env;  /* NULL: the parent's */
    const char *cwd;         /* NULL: the parent's */
    struct str input;        /* standard input; an absent string is /dev/null */
    size_t output_cap;       /* of stdout and of stderr, each; a child that writes more is killed: ERR_TOO_LARGE */
    int64_t deadline_ms;     /* from now; then its process group gets SIGKILL: ERR_TIMEOUT. 0: none */
    int stop_fd;             /* readable: its process group gets SIGTERM, soon SIGKILL: ERR_CANCELLED. 0: none */
    uid_t uid;               /* not 0: dropped to before exec, groups too */
    gid_t gid;
    size_t memory_limit; /* RLIMIT_AS in bytes, 0: none */
    size_t file_limit;   /* RLIMIT_FSIZE in bytes, 0: none */
    /* This process has no other children, then or later: what the child started and left behind in groups of its own
     * ends with it. */
    bool alone;
};

struct proc_result {
    int exit_code; /* -1 when a signal ended it */
    int signal;
    bool out_of_memory;        /* SIGKILL, while the kernel killed somebody for want of memory */
    struct str output, errors; /* on the arena */
};

/* Runs it to its end. 0 when it was started and reaped, whatever its exit code. The child gets SIGKILL when this
 * process dies (PR_SET_PDEATHSIG) and inherits no descriptor but 0, 1 and 2. Safe from any thread. */
int proc_run(struct arena *arena, const struct proc_options *options, struct proc_result *result, struct err *err);

/* How many processes the kernel has killed for want of memory; 0 when it does not tell. */
int64_t proc_memory_kills(void);

/* The path of the running executable, for starting oneself again; on the arena. Once its file was replaced it is
 * /proc/self/exe, which is still the same program. */
const char *proc_self(struct arena *arena);

#endif
