#include "base/proc.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static struct proc_options shell(const char *script)
{
    static const char *argv[4];
    argv[0] = "sh";
    argv[1] = "-c";
    argv[2] = script;
    argv[3] = NULL;
    return (struct proc_options){.argv = argv, .output_cap = 1 << 20, .deadline_ms = 60000};
}

Test(proc, output_errors_and_the_exit_code_come_back)
{
    struct arena *arena = arena_new();
    struct proc_options o = shell("cat; echo wrong >&2; exit 3");
    o.input = STR("in\n");
    struct proc_result r;
    struct err err = {0};
    cr_assert_eq(proc_run(arena, &o, &r, &err), 0, "%s", err.text);
    cr_assert_eq(r.exit_code, 3);
    cr_assert_eq(r.signal, 0);
    cr_assert_str_eq(r.output.data, "in\n");
    cr_assert_str_eq(r.errors.data, "wrong\n");
    arena_free(arena);
}

Test(proc, a_signal_is_told_from_an_exit)
{
    struct arena *arena = arena_new();
    struct proc_options o = shell("kill -TERM $$");
    struct proc_result r;
    cr_assert_eq(proc_run(arena, &o, &r, ERR_IGNORED), 0);
    cr_assert_eq(r.exit_code, -1);
    cr_assert_eq(r.signal, SIGTERM);
    arena_free(arena);
}

Test(proc, the_child_has_no_descriptor_but_three_and_standard_input_is_empty)
{
    struct arena *arena = arena_new();
    int open_here = fcntl(STDIN_FILENO, F_DUPFD, 57); /* without O_CLOEXEC */
    char *script = arena_printf(arena, "cat; test -e /proc/$$/fd/%d || echo closed", open_here);
    struct proc_options o = shell(script);
    struct proc_result r;
    cr_assert_eq(proc_run(arena, &o, &r, ERR_IGNORED), 0);
    cr_assert_str_eq(r.output.data, "closed\n");
    (void)close(open_here);
    arena_free(arena);
}

Test(proc, environment_and_directory_are_set)
{
    struct arena *arena = arena_new();
    struct proc_options o = shell("echo $A; pwd");
    o.env = (const char *const[]){"A=b c", NULL};
    o.cwd = "/usr";
    struct proc_result r;
    cr_assert_eq(proc_run(arena, &o, &r, ERR_IGNORED), 0);
    cr_assert_str_eq(r.output.data, "b c\n/usr\n");
    arena_free(arena);
}

Test(proc, the_deadline_ends_the_whole_group)
{
    struct arena *arena = arena_new();
    struct proc_options o = shell("sleep 600 & sleep 600");
    o.deadline_ms = 50;
    struct proc_result r;
    struct err err = {0};
    cr_assert_eq(proc_run(arena, &o, &r, &err), -ERR_TIMEOUT);
    cr_assert_str_eq(err.text, "sh did not end within 50 ms");
    arena_free(arena);
}

Test(proc, a_stop_asks_the_group_to_end_and_then_ends_it)
{
    static const char *const scripts[] = {"trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done",
                                          "trap '' TERM; echo ready; sleep 600"};
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        struct arena *arena = arena_new();
        struct proc_options o = shell(scripts[i]);
        struct proc_result r;
        struct err err = {0};
        int ends[2];
        cr_assert_eq(pipe(ends), 0);
        cr_assert_eq(write(ends[1], "", 1), 1);
        o.stop_fd = ends[0];
        cr_assert_eq(proc_run(arena, &o, &r, &err), -ERR_CANCELLED);
        cr_assert_str_eq(err.text, "sh was stopped");
        (void)close(ends[0]);
        (void)close(ends[1]);
        arena_free(arena);
    }
}

Test(proc, what_somebody_killed_was_not_out_of_memory)
{
    struct arena *arena = arena_new();
    struct proc_options o = shell("kill -KILL $$");
    struct proc_result r;
    cr_assert_eq(proc_run(arena, &o, &r, ERR_IGNORED), 0);
    cr_assert_eq(r.signal, SIGKILL);
    cr_assert(!r.out_of_memory);
    arena_free(arena);
}

Test(proc, what_the_child_leaves_in_its_group_does_not_hold_us)
{
    struct arena *arena = arena_new();
    struct proc_options o = shell("sleep 600 & echo done");
    struct proc_result r;
    cr_assert_eq(proc_run(arena, &o, &r, ERR_IGNORED), 0);
    cr_assert_str_eq(r.output.data, "done\n");
    arena_free(arena);
}

Test(proc, what_the_child_leaves_in_groups_of_its_own_ends_when_it_is_run_alone)
{
    struct arena *arena = arena_new();
    struct proc_options o = shell(
        "d=$(mktemp -d) && mkfifo $d/f && (setsid sh -c \"setsid sleep 600 & echo \\$! >$d/f; wait\" & echo $!) && "
        "cat $d/f && rm -r $d");
    o.alone = true;
    struct proc_result r;
    cr_assert_eq(proc_run(arena, &o, &r, ERR_IGNORED), 0);
    struct str rest = r.output;
    for (int i = 0; i < 2; i++) {
        pid_t pid = (pid_t)strtol(str_cut(&rest, '\n').data, NULL, 10);
        cr_assert(pid > 1, "%s", r.output.data);
        cr_assert(kill(pid, 0) == -1 && errno == ESRCH, "%d is still there", (int)pid);
    }
    arena_free(arena);
}

Test(proc, more_output_than_the_cap_ends_it)
{
    struct arena *arena = arena_new();
    struct proc_options o = shell("yes >&2");
    o.output_cap = 1000;
    struct proc_result r;
    struct err err = {0};
    cr_assert_eq(proc_run(arena, &o, &r, &err), -ERR_TOO_LARGE);
    cr_assert_str_eq(err.text, "sh wrote more than 1000 bytes to its standard error");
    o = shell("printf 1234567890");
    o.output_cap = 10;
    cr_assert_eq(proc_run(arena, &o, &r, &err), 0);
    cr_assert_str_eq(r.output.data, "1234567890");
    arena_free(arena);
}

Test(proc, a_program_that_is_not_there_is_an_error_of_this_machine)
{
    struct arena *arena = arena_new();
    const char *argv[] = {"no-such-program", NULL};
    struct proc_options o = {.argv = argv};
    struct proc_result r;
    struct err err = {0};
    cr_assert_eq(proc_run(arena, &o, &r, &err), -ERR_IO);
    cr_assert_str_eq(err.text, "cannot run no-such-program: not found in PATH");
    argv[0] = "/no/such/program";
    cr_assert_eq(proc_run(arena, &o, &r, &err), -ERR_IO);
    cr_assert_str_eq(err.text, "cannot run /no/such/program: cannot execute it: No such file or directory");
    o = shell("true");
    o.cwd = "/no/such/folder";
    cr_assert_eq(proc_run(arena, &o, &r, &err), -ERR_IO);
    cr_assert_str_eq(err.text, "cannot run sh: cannot change its directory: No such file or directory");
    arena_free(arena);
}

Test(proc, signals_ignored_or_blocked_here_are_not_so_in_the_child)
{
    struct arena *arena = arena_new();
    (void)signal(SIGPIPE, SIG_IGN);
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    struct proc_options o = shell("grep -E '^Sig(Blk|Ign):' /proc/self/status");
    struct proc_result r;
    cr_assert_eq(proc_run(arena, &o, &r, ERR_IGNORED), 0);
    cr_assert_str_eq(r.output.data, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
    arena_free(arena);
}

Test(proc, limits_hold_in_the_child)
{
    struct arena *arena = arena_new();
    struct proc_options o = shell("ulimit -v; ulimit -f");
    o.memory_limit = (size_t)1 << 30;
    o.file_limit = 512 * 1024;
    struct proc_result r;
    cr_assert_eq(proc_run(arena, &o, &r, ERR_IGNORED), 0);
    cr_assert_str_eq(r.output.data, "1048576\n1024\n");
    arena_free(arena);
}

Test(proc, root_can_drop_to_another_user)
{
    if (geteuid() != 0)
        cr_skip_test("needs root");
    struct arena *arena = arena_new();
    struct proc_options o = shell("id -u; id -g; id -G");
    o.uid = 65534;
    o.gid = 65534;
    struct proc_result r;
    struct err err = {0};
    cr_assert_eq(proc_run(arena, &o, &r, &err), 0, "%s", err.text);
    cr_assert_str_eq(r.output.data, "65534\n65534\n65534\n");
    arena_free(arena);
}

Test(proc, the_running_program_finds_itself)
{
    struct arena *arena = arena_new();
    const char *self = proc_self(arena);
    cr_assert_eq(self[0], '/');
    cr_assert_eq(access(self, X_OK), 0);
    arena_free(arena);
}
