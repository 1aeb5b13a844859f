#include "ingest/server.h"

#include "base/file.h"
#include "base/time.h"
#include "ingest/canned.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

static struct arena *arena;
static struct err err;
static struct progress progress;

static void setup(void)
{
    arena = arena_new();
    err = (struct err){0};
    cr_assert(eq(int, progress_init(&progress, &err), 0));
    (void)unsetenv("YELLOW_URL");
    (void)unsetenv("YELLOW_TOKEN_FILE");
}

static void teardown(void)
{
    progress_dispose(&progress);
    arena_free(arena);
}

TestSuite(server, .init = setup, .fini = teardown);

static const char run_text[] =
    "{\"run\":5,\"kind\":\"stream\",\"platform\":\"Live\",\"name\":\"s\",\"fence\":4,\"batch\":2,"
    "\"heartbeat_at\":\"2026-01-31T10:00:00.000Z\",\"lease_until\":\"2026-01-31T10:00:30.500Z\",\"work\":{"
    "\"version\":1,\"ecosystem\":\"acme\",\"psp\":\"ny\",\"store\":\"s\",\"dataset\":null,\"workspace\":null,"
    "\"milestoning\":\"live\",\"merge\":{\"container\":\"m\",\"credential\":null},\"views\":[],\"sql\":null,"
    "\"watermark\":null,\"resources\":{},\"objects\":["
    "{\"kind\":\"DataContainer\",\"name\":\"m\",\"body\":{\"kind\":\"DataContainer\",\"name\":\"m\",\"type\":"
    "\"postgres\",\"host\":\"h\",\"database\":\"d\"}},"
    "{\"kind\":\"Datastore\",\"name\":\"s\",\"body\":{\"kind\":\"Datastore\",\"name\":\"s\",\"team\":\"a/b\","
    "\"datasets\":[{\"name\":\"d\",\"columns\":[{\"name\":\"id\",\"type\":\"int64\"}]}]}}]}}";

static const struct work lease = {.ecosystem = "acme", .run = 5, .fence = 4};

static int start(const struct canned *canned, int64_t patience_ms, struct server_run *run, const char **refusal)
{
    const struct server server = {canned_url(canned), "yel_secret"};
    return server_start(&server, arena, "acme", "Live", JOB_STREAM, "s", patience_ms, &progress, run, refusal, &err);
}

static const char *key_of(const char *request)
{
    const char *at = strstr(request, "Idempotency-Key: ");
    return at ? arena_strndup(arena, at, strcspn(at, "\r")) : "none";
}

Test(server, url_and_token_come_from_the_command_line_or_the_environment)
{
    struct server server;
    cr_expect(eq(int, server_open(arena, NULL, NULL, &server, &err), -ERR_USAGE));
    cr_expect(eq(str, err.hint, "--server http://HOST:PORT, or the variable YELLOW_URL"));
    setenv("YELLOW_URL", "http://y:8080//", 1);
    cr_assert(eq(int, server_open(arena, NULL, NULL, &server, &err), 0));
    cr_expect(eq(str, (char *)server.url, "http://y:8080"));
    cr_expect(eq(ptr, (void *)server.token, NULL));
    char path[] = "/tmp/yellow-token-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(eq(int, fd < 0, 0));
    cr_assert(eq(int, file_write(path, STR("yel_abc\n"), 0600, &err), 0));
    setenv("YELLOW_TOKEN_FILE", path, 1);
    cr_assert(eq(int, server_open(arena, "http://other", NULL, &server, &err), 0));
    cr_expect(eq(str, (char *)server.url, "http://other"));
    cr_expect(eq(str, (char *)server.token, "yel_abc"));
    cr_assert(eq(int, file_write(path, STR("two\r\nlines"), 0600, &err), 0));
    cr_expect(eq(int, server_open(arena, NULL, NULL, &server, &err), -ERR_INVALID));
    (void)remove(path);
}

Test(server, a_start_whose_answer_is_lost_is_asked_again_with_the_same_key)
{
    const char *answers[] = {"", canned_json(arena, 503, "{\"code\":\"unavailable\",\"detail\":\"no database\"}"),
                             canned_json(arena, 201, run_text), NULL};
    struct canned *canned = canned_start(arena, answers);
    struct server_run run;
    const char *refusal;
    cr_assert(eq(int, start(canned, 60000, &run, &refusal), 0), "%s", err.text);
    cr_expect(eq(sz, canned_stop(canned), 3));
    cr_expect(eq(i64, run.work->run, 5));
    cr_expect(eq(i64, run.lease_ms, 30500));
    const char *first = canned_request(canned, 0);
    cr_expect(str_starts(str_from(first), STR("POST /v1/ecosystems/acme/platforms/Live/streams/s/runs HTTP/1.1\r\n")));
    cr_expect(ne(ptr, strstr(first, "Authorization: Bearer yel_secret\r\n"), NULL));
    cr_expect(ne(str, (char *)key_of(first), "none"));
    cr_expect(eq(str, (char *)key_of(first), (char *)key_of(canned_request(canned, 2))));
}

Test(server, a_live_run_is_told_by_its_code_and_not_asked_again)
{
    const char *answers[] = {
        canned_json(arena, 409,
                    "{\"code\":\"run-live\",\"detail\":\"stream Live/s has a live run: 4\",\"hint\":\"wait\"}"),
        NULL};
    struct canned *canned = canned_start(arena, answers);
    struct server_run run;
    const char *refusal;
    cr_expect(eq(int, start(canned, 60000, &run, &refusal), -ERR_CONFLICT));
    cr_expect(eq(sz, canned_stop(canned), 1));
    cr_expect(eq(str, (char *)refusal, "run-live"));
    cr_expect(eq(str, err.text, "stream Live/s has a live run: 4"));
    cr_expect(eq(str, err.hint, "wait"));
}

Test(server, a_stop_ends_the_asking)
{
    const char *answers[] = {canned_json(arena, 503, "{\"code\":\"unavailable\",\"detail\":\"no database\"}"), NULL};
    struct canned *canned = canned_start(arena, answers);
    struct server_run run;
    const char *refusal;
    progress_stop(&progress, "SIGTERM");
    cr_expect(eq(int, start(canned, 60000, &run, &refusal), -ERR_CANCELLED));
    cr_expect(eq(sz, canned_stop(canned), 1));
    cr_expect(eq(str, err.text, "stopped: SIGTERM"));
}

static bool is_busy(const struct err *why)
{
    return why->code == ERR_BUSY;
}

Test(server, only_what_the_caller_waits_for_is_asked_again)
{
    const char *const answers[] = {canned_json(arena, 429, "{\"code\":\"busy\",\"detail\":\"four at once\"}"),
                                   canned_json(arena, 503, "{\"code\":\"unavailable\",\"detail\":\"git is away\"}"),
                                   NULL};
    struct canned *canned = canned_start(arena, answers);
    const struct server server = {canned_url(canned), "yel_secret"};
    const struct server_call call = {.method = HTTP_GET, .path = "/v1/code"};
    struct server_answer answer;
    cr_expect(eq(int,
                 server_insist(&server, arena, &call, time_monotonic_ms() + 30000, &progress, is_busy, &answer, &err),
                 -ERR_UNAVAILABLE));
    cr_expect(eq(str, err.text, "git is away"));
    cr_expect(eq(sz, canned_stop(canned), 2));
}

Test(server, what_is_no_yellow_is_named_by_its_address)
{
    const char *answers[] = {canned_json(arena, 404, "<html>"), NULL};
    struct canned *canned = canned_start(arena, answers);
    struct server_run run;
    const char *refusal;
    cr_expect(eq(int, start(canned, 60000, &run, &refusal), -ERR_NOT_FOUND));
    (void)canned_stop(canned);
    cr_expect(eq(str, err.text, arena_printf(arena, "%s answered 404", canned_url(canned))));
}

Test(server, a_heartbeat_tells_the_progress_and_hears_of_a_cancel)
{
    const char *answers[] = {canned_json(arena, 200, "{\"cancel_requested\":true}"),
                             canned_json(arena, 409, "{\"code\":\"stale-fence\",\"detail\":\"newer\"}"), NULL};
    struct canned *canned = canned_start(arena, answers);
    const struct server server = {canned_url(canned), NULL};
    bool cancelled = false;
    atomic_store(&progress.phase, PHASE_CAPTURE);
    atomic_store(&progress.rows, 7);
    cr_expect(eq(int, server_heartbeat(&server, arena, &lease, &progress, true, 1000, &cancelled, &err), 0));
    cr_expect(cancelled);
    cr_expect(
        eq(int, server_heartbeat(&server, arena, &lease, &progress, false, 1000, &cancelled, &err), -ERR_CONFLICT));
    cr_expect(not(server_may_retry(&err)));
    (void)canned_stop(canned);
    const char *body = strstr(canned_request(canned, 0), "\r\n\r\n") + 4;
    cr_expect(eq(str, (char *)body,
                 "{\"fence\":4,\"progress\":{\"phase\":\"capture\",\"rows\":7,\"bytes\":0},\"state\":\"ingested\"}"));
}

Test(server, a_report_is_sent_until_it_is_heard)
{
    const char *answers[] = {"", "", canned_json(arena, 200, "{}"), NULL};
    struct canned *canned = canned_start(arena, answers);
    const struct server server = {canned_url(canned), NULL};
    const struct counts counts = {.read = 3, .inserted = 2, .unchanged = 1};
    const struct server_report report = {.outcome = "committed", .counts = &counts, .watermark = "w"};
    cr_expect(eq(int, server_finish(&server, arena, &lease, &report, time_monotonic_ms() + 60000, &err), 0));
    cr_expect(eq(sz, canned_stop(canned), 3));
    const char *first = canned_request(canned, 0), *last = canned_request(canned, 2);
    cr_expect(eq(str, (char *)first, (char *)last));
    cr_expect(eq(str, (char *)strstr(first, "\r\n\r\n") + 4,
                 "{\"fence\":4,\"outcome\":\"committed\",\"counts\":{\"read\":3,\"inserted\":2,\"updated\":0,"
                 "\"deleted\":0,\"unchanged\":1,\"quarantined\":0},\"watermark\":\"w\"}"));
}

Test(server, a_report_that_nobody_hears_ends_with_the_lease)
{
    const char *answers[] = {"", NULL};
    struct canned *canned = canned_start(arena, answers);
    const struct server server = {canned_url(canned), NULL};
    char message[5000];
    memset(message, 'x', sizeof message - 1);
    message[sizeof message - 1] = '\0';
    const struct server_report report = {.outcome = "failed", .cause = "source-error", .message = message};
    cr_expect(eq(int, server_finish(&server, arena, &lease, &report, time_monotonic_ms(), &err), -ERR_UNAVAILABLE));
    (void)canned_stop(canned);
    cr_expect(lt(sz, strlen(canned_request(canned, 0)), 4500), "a long message is cut");
}
