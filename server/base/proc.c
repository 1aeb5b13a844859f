#include "base/proc.h"

#include "base/buf.h"
#include "base/time.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* What the child says through the status pipe when it does not come to exec. */
struct failure {
    int stage, cause;
};
enum { STOP_MS = 1000 }; /* from SIGTERM to SIGKILL */
enum { STAGE_SIGNALS, STAGE_GROUP, STAGE_CWD, STAGE_LIMITS, STAGE_FILES, STAGE_USER, STAGE_EXEC };
static const char *const stages[] = {
    [STAGE_SIGNALS] = "cannot reset its signals",
    [STAGE_GROUP] = "cannot make its process group",
    [STAGE_CWD] = "cannot change its directory",
    [STAGE_LIMITS] = "cannot set its limits",
    [STAGE_FILES] = "cannot set up its descriptors",
    [STAGE_USER] = "cannot change its user",
    [STAGE_EXEC] = "cannot execute it",
};

/* One run. Every descriptor is -1 when closed and never 0, 1 or 2. */
struct run {
    const struct proc_options *options;
    const char *path;
    char *const *argv, *const *env;
    pid_t parent, pid;
    int input, out[2], err[2], status[2], pidfd;
    struct buf output, errors;
    sigset_t mask; /* the calling thread's */
};

static void shut(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* Moves fd away from 0, 1 and 2, which the child overwrites; they may be free when the parent is a daemon. */
static int above(int fd)
{
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int cause = errno;
    (void)close(fd);
    errno = cause;
    return moved;
}

static int open_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) != 0) {
        ends[0] = ends[1] = -1;
        return -1;
    }
    ends[0] = above(ends[0]);
    ends[1] = above(ends[1]);
    return ends[0] < 0 || ends[1] < 0 ? -1 : 0;
}

/* A memory file instead of a pipe: nothing to feed while the child runs, and no SIGPIPE when it does not read. */
static int open_input(struct str input)
{
    if (!input.data)
        return above(open("/dev/null", O_RDONLY | O_CLOEXEC));
    int fd = above(memfd_create("input", MFD_CLOEXEC));
    while (fd >= 0 && input.len) {
        ssize_t n = write(fd, input.data, input.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            shut(&fd);
            break;
        }
        input.data += n;
        input.len -= (size_t)n;
    }
    if (fd >= 0)
        (void)lseek(fd, 0, SEEK_SET);
    return fd;
}

/* execvp searches after fork, where memory must not be allocated: search before. NULL when it is not there. */
static const char *find_program(struct arena *arena, const char *name)
{
    if (strchr(name, '/'))
        return name;
    struct str path = str_from(getenv("PATH"));
    if (!path.data)
        path = STR("/usr/local/bin:/usr/bin:/bin");
    while (path.data) {
        struct str dir = str_cut(&path, ':');
        const char *full = arena_printf(arena, STR_FMT "%s%s", STR_ARG(dir), dir.len ? "/" : "./", name);
        if (access(full, X_OK) == 0)
            return full;
    }
    return NULL;
}

/* Between vfork and exec in a process with threads: only calls that are safe in signal handlers. The raw system calls
 * are there because glibc's setuid family takes locks to change all threads. */
static int child_user(const struct proc_options *o)
{
    if (!o->uid)
        return 0;
    gid_t gid = o->gid;
    return syscall(SYS_setgroups, (size_t)1, &gid) != 0 || syscall(SYS_setresgid, gid, gid, gid) != 0 ||
           syscall(SYS_setresuid, o->uid, o->uid, o->uid) != 0;
}

static int child_limit(__rlimit_resource_t what, size_t value)
{
    struct rlimit limit = {value, value};
    return value ? setrlimit(what, &limit) : 0;
}

static int child_signals(void)
{
    static const unsigned char by_default[64]; /* the kernel's struct sigaction: SIG_DFL, no flags, no mask */
    for (int s = 1; s < NSIG; s++)             /* raw, because the C library refuses the two that it keeps for itself */
        if (s != SIGKILL && s != SIGSTOP && syscall(SYS_rt_sigaction, s, by_default, NULL, (size_t)8) != 0)
            return -1;
    sigset_t none;
    return sigemptyset(&none) != 0 || sigprocmask(SIG_SETMASK, &none, NULL) != 0;
}

static int child_files(const struct run *r)
{
    if (dup2(r->input, STDIN_FILENO) < 0 || dup2(r->out[1], STDOUT_FILENO) < 0 || dup2(r->err[1], STDERR_FILENO) < 0)
        return -1;
    /* Closed by exec, not now: the status pipe is still needed. */
    return (int)syscall(SYS_close_range, STDERR_FILENO + 1U, UINT_MAX, 4U /* CLOSE_RANGE_CLOEXEC */);
}

static int child_prepare(const struct run *r)
{
    const struct proc_options *o = r->options;
    if (setpgid(0, 0) != 0)
        return STAGE_GROUP;
    if (child_signals() != 0)
        return STAGE_SIGNALS;
    if (child_files(r) != 0)
        return STAGE_FILES;
    if (child_limit(RLIMIT_AS, o->memory_limit) != 0 || child_limit(RLIMIT_FSIZE, o->file_limit) != 0)
        return STAGE_LIMITS;
    if (child_user(o) != 0)
        return STAGE_USER;
    /* After the change of user, which clears it. A parent that died before it is noticed by its number. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != r->parent)
        return STAGE_SIGNALS;
    if (o->cwd && chdir(o->cwd) != 0)
        return STAGE_CWD;
    return STAGE_EXEC;
}

static _Noreturn void child(const struct run *r)
{
    struct failure failure = {.stage = child_prepare(r)};
    if (failure.stage == STAGE_EXEC)
        (void)execve(r->path, r->argv, r->env);
    failure.cause = errno;
    ssize_t n = write(r->status[1], &failure, sizeof failure);
    _exit(n == sizeof failure ? 127 : 126);
}

static int failed(const struct run *r, struct err *err, const char *what)
{
    int cause = errno;
    return err_set(err, ERR_IO, "cannot run %s: %s: %s", r->options->argv[0], what, strerror(cause));
}

static int reap(struct run *r)
{
    int status = 0;
    while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR) {
    }
    r->pid = -1;
    return status;
}

/* A server has a model of hundreds of megabytes in memory. fork would copy the tables of all its pages, and each page
 * that is written after it would fault, long after the child is another program. The child of vfork has the parent's
 * memory, and the calling thread waits for its exec: what is said above of calls between the two is said of this. Its
 * signals, files, limits, user and folder are its own. By itself, as what vfork returns to must stay as it is. */
static __attribute__((noinline)) pid_t spawn(const struct run *r)
{
    /* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork): see above */
    pid_t pid = vfork();
    if (pid == 0)
        child(r); /* NOLINT(clang-analyzer-unix.Vfork): only system calls are made there */
    return pid;
}

static int start(struct run *r, struct err *err)
{
    if (open_pipe(r->out) != 0 || open_pipe(r->err) != 0 || open_pipe(r->status) != 0)
        return failed(r, err, "no pipe");
    if ((r->input = open_input(r->options->input)) < 0)
        return failed(r, err, "no input");
    r->parent = getpid();
    sigset_t all;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &r->mask); /* no handler of the parent runs in the child */
    r->pid = spawn(r);
    int cause = errno;
    (void)pthread_sigmask(SIG_SETMASK, &r->mask, NULL);
    errno = cause;
    if (r->pid < 0)
        return failed(r, err, "no process");
    shut(&r->input);
    shut(&r->out[1]);
    shut(&r->err[1]);
    shut(&r->status[1]);

    struct failure failure;
    ssize_t n;
    do /* the end of the pipe is exec's doing */
        n = read(r->status[0], &failure, sizeof failure);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)sizeof failure) {
        (void)reap(r);
        return err_set(err, ERR_IO, "cannot run %s: %s: %s", r->options->argv[0], stages[failure.stage],
                       strerror(failure.cause));
    }
    if ((r->pidfd = pidfd_open(r->pid, 0)) < 0)
        return failed(r, err, "no pidfd");
    (void)fcntl(r->out[0], F_SETFL, O_NONBLOCK);
    (void)fcntl(r->err[0], F_SETFL, O_NONBLOCK);
    return 0;
}

/* Reads what is there. Closes the pipe at its end. */
static int drain(struct run *r, int *fd, struct buf *buf, const char *name, struct err *err)
{
    size_t cap = r->options->output_cap;
    while (*fd >= 0) {
        ssize_t n = read(*fd, buf_reserve(buf, 16384), 16384);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return 0;
        if (n <= 0) {
            shut(fd);
            return 0;
        }
        buf->len += (size_t)n;
        if (buf->len > cap)
            return err_set(err, ERR_TOO_LARGE, "%s wrote more than %zu bytes to its %s", r->options->argv[0], cap,
                           name);
    }
    return 0;
}

static int drain_both(struct run *r, struct err *err)
{
    int rc = drain(r, &r->out[0], &r->output, "standard output", err);
    return rc ? rc : drain(r, &r->err[0], &r->errors, "standard error", err);
}

static int stopped(const struct run *r, struct err *err)
{
    return err_set(err, ERR_CANCELLED, "%s was stopped", r->options->argv[0]);
}

/* Until the child is a zombie and all it wrote is read. */
static int follow(struct run *r, int64_t deadline, struct err *err)
{
    bool stopping = false;
    for (;;) {
        struct pollfd fds[] = {{.fd = r->pidfd, .events = POLLIN},
                               {.fd = r->out[0], .events = POLLIN},
                               {.fd = r->err[0], .events = POLLIN},
                               {.fd = stopping || !r->options->stop_fd ? -1 : r->options->stop_fd, .events = POLLIN}};
        int64_t left = deadline ? deadline - time_monotonic_ms() : -1;
        if (deadline && left <= 0)
            return stopping ? stopped(r, err)
                            : err_set(err, ERR_TIMEOUT, "%s did not end within %lld ms", r->options->argv[0],
                                      (long long)r->options->deadline_ms);
        int n = poll(fds, 4, left > INT_MAX ? INT_MAX : (int)left);
        if (n < 0 && errno != EINTR)
            return failed(r, err, "poll");
        if (n <= 0)
            continue;
        if (fds[3].revents) {
            (void)kill(-r->pid, SIGTERM);
            stopping = true;
            deadline = time_monotonic_ms() + STOP_MS;
        }
        bool ended = fds[0].revents != 0;
        if (ended) /* what it left behind in its group would hold the pipes open */
            (void)kill(-r->pid, SIGKILL);
        int rc = drain_both(r, err);
        if (rc || ended)
            return !rc && stopping ? stopped(r, err) : rc;
    }
}

/* The parent of a process by its number in /proc; 0 when it is gone. */
static pid_t parent_of(const char *number)
{
    char path[64], text[512];
    (void)snprintf(path, sizeof path, "/proc/%.20s/stat", number);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    shut(&fd);
    if (n <= 0)
        return 0;
    text[n] = '\0';
    const char *state = strrchr(text, ')'); /* a name may have anything in it */
    return state && strlen(state) > 4 ? (pid_t)strtol(state + 4, NULL, 10) : 0;
}

static bool kill_children(void)
{
    bool any = false;
    DIR *processes = opendir("/proc");
    for (struct dirent *entry; processes && (entry = readdir(processes));)
        if (isdigit((unsigned char)entry->d_name[0]) && parent_of(entry->d_name) == getpid())
            any = kill((pid_t)strtol(entry->d_name, NULL, 10), SIGKILL) == 0 || any;
    if (processes)
        (void)closedir(processes);
    return any;
}

/* What has lost its parent is a child of this process by now, and so is, in its turn, what that leaves behind. */
static void end_left_behind(void)
{
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0)
        if (pid == 0 && (!kill_children() || waitpid(-1, NULL, 0) < 0))
            return;
}

int proc_run(struct arena *arena, const struct proc_options *options, struct proc_result *result, struct err *err)
{
    struct run r = {.options = options,
                    .argv = (char *const *)options->argv,
                    .env = options->env ? (char *const *)options->env : environ,
                    .pid = -1,
                    .input = -1,
                    .out = {-1, -1},
                    .err = {-1, -1},
                    .status = {-1, -1},
                    .pidfd = -1};
    int64_t deadline = options->deadline_ms ? time_monotonic_ms() + options->deadline_ms : 0;
    int64_t memory_kills = proc_memory_kills();
    r.path = find_program(arena, options->argv[0]);
    if (!r.path)
        return err_set(err, ERR_IO, "cannot run %s: not found in PATH", options->argv[0]);
    if (options->alone)
        (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    int rc = start(&r, err);
    if (rc == 0)
        rc = follow(&r, deadline, err);
    if (r.pid > 0) {
        if (rc != 0)
            (void)kill(-r.pid, SIGKILL);
        int status = reap(&r);
        if (rc == 0) {
            result->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
            result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
            result->out_of_memory = result->signal == SIGKILL && proc_memory_kills() > memory_kills;
            result->output = (struct str){arena_strndup(arena, buf_text(&r.output), r.output.len), r.output.len};
            result->errors = (struct str){arena_strndup(arena, buf_text(&r.errors), r.errors.len), r.errors.len};
        }
    }
    if (options->alone)
        end_left_behind();
    int *fds[] = {&r.input, &r.out[0], &r.out[1], &r.err[0], &r.err[1], &r.status[0], &r.status[1], &r.pidfd};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        shut(fds[i]);
    buf_dispose(&r.output);
    buf_dispose(&r.errors);
    return rc;
}

int64_t proc_memory_kills(void)
{
    char text[16384];
    int fd = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);
    size_t len = 0;
    for (ssize_t n = 1; fd >= 0 && n > 0; len += n > 0 ? (size_t)n : 0) /* a page at a time */
        n = read(fd, text + len, sizeof text - len);
    shut(&fd);
    for (struct str rest = {text, len}; rest.data;) {
        struct str line = str_cut(&rest, '\n'), name = str_cut(&line, ' ');
        int64_t count;
        if (str_eqz(name, "oom_kill") && str_int64(line, 0, INT64_MAX, &count))
            return count;
    }
    return 0;
}

const char *proc_self(struct arena *arena)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    /* Of a program that was replaced since, the link's text names no file, and the link itself still runs it. */
    if (n <= 0 || (size_t)n >= sizeof path || str_ends((struct str){path, (size_t)n}, STR(" (deleted)")))
        return "/proc/self/exe";
    return arena_strndup(arena, path, (size_t)n);
}
