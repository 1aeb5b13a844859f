#ifndef YELLOW_CONTROL_JOB_PROCESS_H
#define YELLOW_CONTROL_JOB_PROCESS_H

#include "base/arena.h"
#include "base/err.h"
#include "model/model.h"

#include <sched.h>
#include <sys/types.h>

/* A process of a job on this machine, with the job's size as its limits. It dies with the thread that started it.
 *
 * limits.memory is RLIMIT_DATA: what the process may allocate (heap, private memory, stacks of threads), not what it
 * maps of files and libraries; each process below it has the same limit on its own. limits.cpu, rounded up to whole
 * cores, is how many cores it may run on. Priorities are nice values: a job never takes the time of a more important
 * one, nor of the server. */
struct job_process_options {
    const char *program;
    const char *const *argv, *const *env;
    int64_t memory_limit; /* bytes; 0: none */
    cpu_set_t cpus;       /* empty: all */
    enum priority priority;
};

struct job_process {
    pid_t pid; /* 0: none */
    int pidfd;
    int64_t oom_kills; /* of this machine, before it was started */
};

int job_process_start(const struct job_process_options *options, struct job_process *process, struct err *err);
/* The process and what it started. */
void job_process_signal(const struct job_process *process, int signal);

struct job_process_end {
    int exit_code, signal; /* one of them is 0 */
    bool out_of_memory;    /* it said so itself, or the kernel killed it */
};
/* Whether it ended; then it is reaped. */
bool job_process_reap(struct job_process *process, struct job_process_end *end);

#endif
