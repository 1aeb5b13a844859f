#include "ingest/beat.h"

#include "ingest/canned.h"
#include "model/cause.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A PostgreSQL that lets one client in, agrees to everything, and answers nobody else: as one whose host stands still.
 */
static void serve(int listener)
{
    static const char welcome[] = "R\0\0\0\10\0\0\0\0"
                                  "K\0\0\0\14\0\0\0\1\0\0\0\1"
                                  "Z\0\0\0\5I",
                      /* one row of one column: the process that the welcome named */
        done[] = "T\0\0\0\31\0\1\0\0\0\0\0\0\0\0\0\0\27\0\4\377\377\377\377\0\0"
                 "D\0\0\0\13\0\1\0\0\0\1"
                 "1"
                 "C\0\0\0\15SELECT 1\0Z\0\0\0\5I";
    char message[8192];
    int fd = accept(listener, NULL, NULL);
    for (bool welcomed = false; read(fd, message, sizeof message) > 0; welcomed = true)
        (void)!write(fd, welcomed ? done : welcome, welcomed ? sizeof done - 1 : sizeof welcome - 1);
    pause();
}

static int work_and_be_stopped(int port)
{
    struct arena *arena = arena_new();
    struct progress progress;
    struct err err = {0};
    struct beat *beat = NULL;
    struct pg *pg = NULL;
    const struct server server = {.url = "http://127.0.0.1:9"};
    const struct beat_options options = {.server = &server, .progress = &progress};
    const char *conninfo =
        arena_printf(arena, "host=127.0.0.1 port=%d user=a password=b dbname=c sslmode=disable", port);
    if (progress_init(&progress, &err) != 0 || beat_start(&options, &beat, &err) != 0 ||
        pg_connect(conninfo, 10000, &pg, &err) != 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 99;
    }
    beat_watch(beat, pg);
    progress_stop(&progress, "SIGTERM");
    for (;;) /* in a call that does not come back */
        pause();
}

Test(beat, a_job_ends_though_the_host_that_is_asked_to_cancel_stands_still)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0), status = 0;
    cr_assert_eq(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    cr_assert_eq(listen(listener, 8), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&at, &size), 0);
    pid_t frozen = fork();
    if (frozen == 0) {
        serve(listener);
        _exit(0);
    }
    pid_t job = fork();
    if (job == 0)
        _exit(work_and_be_stopped(ntohs(at.sin_port)));
    cr_assert_eq(waitpid(job, &status, 0), job);
    cr_expect(WIFEXITED(status));
    cr_expect_eq(WEXITSTATUS(status), cause_find(cause_cancelled)->exit_code);
    (void)kill(frozen, SIGKILL);
    (void)waitpid(frozen, NULL, 0);
    (void)close(listener);
}

/* Why a job stops whose heartbeats get these answers. */
static const char *stopped_by(struct arena *arena, const char *const *answers, int64_t lease_ms)
{
    struct canned *canned = canned_start(arena, answers);
    struct progress progress;
    struct err err = {0};
    struct beat *beat = NULL;
    const struct server server = {.url = canned_url(canned), .token = "yel_x"};
    const struct work work = {.ecosystem = "acme", .run = 7, .fence = 3};
    const struct server_run run = {.work = &work, .lease_ms = lease_ms};
    const struct beat_options options = {.server = &server, .progress = &progress};
    cr_assert_eq(progress_init(&progress, &err), 0);
    cr_assert_eq(beat_start(&options, &beat, &err), 0);
    beat_add(beat, &run);
    struct pollfd fd = {progress.wake_fd, POLLIN, 0};
    cr_assert_eq(poll(&fd, 1, -1), 1);
    cr_expect(beat_lost(beat));
    (void)beat_remove(beat, &run);
    beat_stop(beat);
    (void)canned_stop(canned);
    const char *why = atomic_load(&progress.why);
    progress_dispose(&progress);
    return why;
}

Test(beat, a_job_stops_when_the_server_takes_its_run_or_its_token_no_more)
{
    static const struct {
        int status;
        const char *code, *why;
    } ways[] = {
        {401, "unauthorized", "the server does not take the job's token any more: the lease was lost"},
        {403, "forbidden", "the job's token may not report runs any more: the lease was lost"},
        {404, "not-found", "the server has no such run any more: the lease was lost"},
        {409, "stale-fence", "the lease was lost"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const char *no = canned_json(arena, ways[i].status, arena_printf(arena, "{\"code\": \"%s\"}", ways[i].code));
        const char *const answers[] = {no, NULL};
        cr_expect_str_eq(stopped_by(arena, answers, 300), ways[i].why);
        /* A proxy's word counts nothing, nor does a server that is away. */
        const char *const later[] = {canned_json(arena, ways[i].status, "nope"),
                                     canned_json(arena, 503, "{\"code\": \"unavailable\"}"), "", no, NULL};
        cr_expect_str_eq(stopped_by(arena, later, 300), ways[i].why);
    }
    arena_free(arena);
}

Test(beat, the_server_hears_of_a_job_soon_however_long_its_lease_is)
{
    struct arena *arena = arena_new();
    const char *const answers[] = {canned_json(arena, 409, "{\"code\": \"stale-fence\"}"), NULL};
    cr_expect_str_eq(stopped_by(arena, answers, INT64_C(24) * 3600 * 1000), "the lease was lost");
    arena_free(arena);
}
