#include "control/job_process.h"

#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { LIMITS_MEMORY = 0 }; /* a sanitizer's shadow is larger than any limit */
#else
enum { LIMITS_MEMORY = 1 };
#endif

static const int nice_values[] = {
    [PRIORITY_LOW] = 10, [PRIORITY_MEDIUM] = 5, [PRIORITY_HIGH] = 2, [PRIORITY_CRITICAL] = 0};

/* After vfork (base/proc.c says why): only calls that are safe in signal handlers. */
static int child_prepare(const struct job_process_options *o, pid_t parent)
{
    static const unsigned char by_default[64]; /* the kernel's struct sigaction: SIG_DFL */
    sigset_t none;
    for (int s = 1; s < NSIG; s++)
        if (s != SIGKILL && s != SIGSTOP)
            (void)syscall(SYS_rt_sigaction, s, by_default, NULL, (size_t)8);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    int null = open("/dev/null", O_RDONLY);
    if (setpgid(0, 0) != 0 || null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return -1;
    (void)syscall(SYS_close_range, STDERR_FILENO + 1U, UINT_MAX, 4U /* CLOSE_RANGE_CLOEXEC */);
    if (o->memory_limit && LIMITS_MEMORY) {
        struct rlimit limit = {(rlim_t)o->memory_limit, (rlim_t)o->memory_limit};
        if (setrlimit(RLIMIT_DATA, &limit) != 0)
            return -1;
    }
    if (CPU_COUNT(&o->cpus) > 0)
        (void)sched_setaffinity(0, sizeof o->cpus, &o->cpus);
    (void)setpriority(PRIO_PROCESS, 0, nice_values[o->priority]);
    return prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent ? -1 : 0;
}

static __attribute__((noinline)) pid_t spawn(const struct job_process_options *options, pid_t parent)
{
    /* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork): as in base/proc.c */
    pid_t pid = vfork();
    if (pid == 0) {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Vfork): only system calls are made there */
        if (child_prepare(options, parent) == 0)
            (void)execve(options->program, (char *const *)options->argv, (char *const *)options->env);
        _exit(126);
    }
    return pid;
}

int job_process_start(const struct job_process_options *options, struct job_process *process, struct err *err)
{
    pid_t parent = getpid();
    sigset_t all, mask;
    *process = (struct job_process){.pidfd = -1, .oom_kills = proc_memory_kills()};
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &mask); /* no handler of the parent runs in the child */
    pid_t pid = spawn(options, parent);
    int cause = errno;
    (void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
    if (pid < 0)
        return err_set(err, ERR_IO, "cannot start %s: %s", options->program, strerror(cause));
    process->pid = pid;
    process->pidfd = pidfd_open(pid, 0);
    if (process->pidfd >= 0)
        return 0;
    cause = errno;
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    process->pid = 0;
    return err_set(err, ERR_IO, "cannot watch %s: %s", options->program, strerror(cause));
}

void job_process_signal(const struct job_process *process, int signal)
{
    if (process->pid && kill(-process->pid, signal) != 0)
        (void)kill(process->pid, signal); /* it has no group of its own yet */
}

bool job_process_reap(struct job_process *process, struct job_process_end *end)
{
    int status = 0;
    siginfo_t info = {0};
    if (!process->pid || waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || !info.si_pid)
        return false;
    (void)kill(-process->pid, SIGKILL); /* what it left behind, while its number is still its own */
    (void)waitpid(process->pid, &status, 0);
    (void)close(process->pidfd);
    *end = (struct job_process_end){.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                                    .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0};
    end->out_of_memory =
        end->exit_code == EXIT_OUT_OF_MEMORY || (end->signal == SIGKILL && proc_memory_kills() > process->oom_kills);
    *process = (struct job_process){.pidfd = -1};
    return true;
}
