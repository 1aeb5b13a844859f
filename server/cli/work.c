#include "cli/work.h"

#include "base/log.h"
#include "base/proc.h"
#include "base/time.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT_MIN_MS = 1000, WAIT_MAX_MS = 30000, LONG_LIFE_MS = 60000, STOP_MS = 15000 };

extern char **environ;

/* The settings in force as variables, whatever they came from; a URL with a password is not for the process list. */
static char **make_environment(struct arena *arena, const struct work *work)
{
    size_t n = 0, count = 0;
    while (environ[n])
        n++;
    char **env = arena_calloc(arena, n + CONFIG_COUNT + 1, sizeof *env);
    for (size_t i = 0; i < n; i++)
        if (strncmp(environ[i], "YELLOW_", 7) != 0 || strncmp(environ[i], "YELLOW_GIT_", 11) == 0)
            env[count++] = environ[i];
    for (size_t i = 0; i < CONFIG_COUNT; i++) {
        const char *text = i == CONFIG_DATABASE ? work->url : config_text(work->config, (enum config_key)i);
        if (*text && i != CONFIG_EMBEDDED)
            env[count++] = arena_printf(arena, "%s=%s", config_settings[i].env, text);
    }
    return env;
}

static int spawn(struct work *work, struct err *err)
{
    struct arena *arena = arena_new();
    const char *self = proc_self(arena);
    char *const argv[] = {"yellow", "work", NULL};
    char **env = make_environment(arena, work);
    pid_t parent = getpid();
    work->pid = fork();
    if (work->pid == 0) {
        sigset_t none;
        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)syscall(SYS_close_range, 3u, ~0u, 0u);
        if (getppid() == parent)
            (void)execve(self, argv, env);
        _exit(127);
    }
    int failed = errno;
    arena_free(arena);
    if (work->pid < 0) {
        work->pid = 0;
        return err_set(err, ERR_IO, "cannot start the workers: %s", strerror(failed));
    }
    work->started_ms = time_monotonic_ms();
    return 0;
}

int work_start(struct work *work, const struct config *config, const char *url, struct err *err)
{
    *work = (struct work){.config = config, .url = url, .wait_ms = WAIT_MIN_MS};
    return config_number(config, CONFIG_WORKERS) ? spawn(work, err) : 0;
}

/* Collects a process that ended. */
static void reap(struct work *work)
{
    int status;
    if (!work->pid || waitpid(work->pid, &status, WNOHANG) != work->pid)
        return;
    int64_t now = time_monotonic_ms();
    if (now - work->started_ms >= LONG_LIFE_MS)
        work->wait_ms = WAIT_MIN_MS;
    log_event(LOG_ERROR, "workers died", LOG_I("pid", work->pid),
              LOG_I("exit_code", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
              LOG_I("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0), LOG_I("again_in_ms", work->wait_ms),
              LOG_END);
    work->pid = 0;
    work->next_ms = now + work->wait_ms;
    work->wait_ms = work->wait_ms * 2 < WAIT_MAX_MS ? work->wait_ms * 2 : WAIT_MAX_MS;
}

void work_check(struct work *work)
{
    struct err err = {0};
    reap(work);
    if (work->pid || !config_number(work->config, CONFIG_WORKERS) || time_monotonic_ms() < work->next_ms)
        return;
    if (spawn(work, &err) < 0)
        log_event(LOG_ERROR, "workers not started", LOG_S("error", err.text), LOG_END);
}

void work_stop(struct work *work)
{
    if (!work->pid)
        return;
    (void)kill(work->pid, SIGTERM);
    int fd = (int)syscall(SYS_pidfd_open, work->pid, 0);
    struct pollfd ended = {fd, POLLIN, 0};
    if (fd < 0 || poll(&ended, 1, STOP_MS) <= 0)
        (void)kill(work->pid, SIGKILL);
    (void)waitpid(work->pid, NULL, 0);
    if (fd >= 0)
        (void)close(fd);
    work->pid = 0;
}
