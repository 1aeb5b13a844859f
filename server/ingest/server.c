#include "ingest/server.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/time.h"

#include <poll.h>
#include <stdlib.h>

enum { CALL_MS = 20000, PAUSE_MS = 100, PAUSE_MAX_MS = 5000, TOKEN_MAX = 4096, MESSAGE_MAX = 4000, MARK_MAX = 1000 };

static const char *setting(const char *given, const char *variable)
{
    const char *value = given ? given : getenv(variable);
    return value && *value ? value : NULL;
}

int server_open(struct arena *arena, const char *url, const char *token_file, struct server *out, struct err *err)
{
    const char *at = setting(url, "YELLOW_URL"), *file = setting(token_file, "YELLOW_TOKEN_FILE");
    struct str token;
    *out = (struct server){0};
    if (!at) {
        (void)err_set(err, ERR_USAGE, "no server is named");
        return err_hint(err, "--server http://HOST:PORT, or the variable YELLOW_URL");
    }
    size_t len = strlen(at);
    while (len && at[len - 1] == '/')
        len--;
    out->url = arena_strndup(arena, at, len);
    if (!file)
        return 0;
    if (file_read(arena, file, TOKEN_MAX, &token, err) != 0)
        return err_prefix(err, "the token");
    token = str_trim(token);
    for (size_t i = 0; i < token.len; i++)
        if (token.data[i] <= ' ' || token.data[i] > '~')
            return err_set(err, ERR_INVALID, "%s does not hold a token", file);
    out->token = arena_strndup(arena, token.data, token.len);
    return 0;
}

/* What an HTTP status is to a client. */
static enum err_code code_of(int status)
{
    static const struct {
        int status;
        enum err_code code;
    } codes[] = {{400, ERR_SYNTAX},       {401, ERR_UNAUTHORIZED}, {403, ERR_FORBIDDEN},  {404, ERR_NOT_FOUND},
                 {409, ERR_CONFLICT},     {412, ERR_STALE},        {413, ERR_TOO_LARGE},  {422, ERR_INVALID},
                 {428, ERR_PRECONDITION}, {429, ERR_BUSY},         {408, ERR_UNAVAILABLE}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].status == status)
            return codes[i].code;
    return status >= 500 ? ERR_UNAVAILABLE : ERR_INVALID;
}

static int refused(const struct server *server, struct server_answer *answer, struct err *err)
{
    const char *detail = answer->json ? json_text(answer->json, "detail") : NULL;
    const char *title = answer->json ? json_text(answer->json, "title") : NULL;
    const char *hint = answer->json ? json_text(answer->json, "hint") : NULL;
    const json_t *first = json_array_get(answer->json ? json_object_get(answer->json, "errors") : NULL, 0);
    const char *why = json_text(first, "detail");
    answer->refusal = answer->json ? json_text(answer->json, "code") : NULL;
    if (!answer->refusal) /* a proxy, or something else altogether */
        return err_set(err, code_of(answer->status), "%s answered %d", server->url, answer->status);
    (void)err_set(err, code_of(answer->status), "%s%s%s",
                  detail  ? detail
                  : title ? title
                          : answer->refusal,
                  why ? ": " : "", why ? why : "");
    if (answer->status == 401)
        return err_hint(err, "--token-file FILE, or the variable YELLOW_TOKEN_FILE");
    return hint ? err_hint(err, "%s", hint) : -(int)err->code;
}

int server_send(const struct server *server, struct arena *arena, const struct server_call *call,
                struct server_answer *out, struct err *err)
{
    const char *headers[5];
    size_t n = 0;
    struct http_client_response response;
    struct buf *body = buf_new(arena);
    *out = (struct server_answer){0};
    if (server->token)
        headers[n++] = arena_printf(arena, "Authorization: Bearer %s", server->token);
    if (call->key)
        headers[n++] = arena_printf(arena, "Idempotency-Key: %s", call->key);
    if (call->body) {
        headers[n++] = "Content-Type: application/json";
        json_write(body, call->body);
    }
    headers[n] = NULL;
    struct http_client_request request = {.method = call->method,
                                          .url = arena_printf(arena, "%s%s", server->url, call->path),
                                          .headers = headers,
                                          .body = call->body ? buf_str(body) : (struct str){0},
                                          .deadline_ms = call->deadline_ms ? call->deadline_ms : CALL_MS};
    if (http_client_send(arena, &request, &response, err) != 0)
        return -err->code;
    out->status = response.status;
    out->body = response.body;
    if (response.body.len && json_read(arena, response.body, &out->json, ERR_IGNORED) != 0)
        out->json = NULL;
    if (response.status < 200 || response.status > 299)
        return refused(server, out, err);
    return 0;
}

bool server_may_retry(const struct err *err)
{
    return err->code == ERR_UNAVAILABLE || err->code == ERR_TIMEOUT || err->code == ERR_BUSY;
}

/* Waits for ms, or until the progress is stopped when there is one to watch. */
static void pause_for(int64_t ms, const struct progress *watched)
{
    struct pollfd fd = {watched ? watched->wake_fd : -1, POLLIN, 0};
    if (ms > 0)
        (void)poll(&fd, 1, (int)ms);
}

int server_insist(const struct server *server, struct arena *arena, const struct server_call *call, int64_t until_ms,
                  const struct progress *watched, bool (*again)(const struct err *err), struct server_answer *out,
                  struct err *err)
{
    struct server_call each = *call;
    int64_t most = call->deadline_ms ? call->deadline_ms : CALL_MS;
    for (int64_t pause = PAUSE_MS;; pause = pause * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : pause * 2) {
        int64_t left = until_ms - time_monotonic_ms();
        each.deadline_ms = left > most ? most : left > PAUSE_MS ? left : PAUSE_MS;
        int rc = server_send(server, arena, &each, out, err);
        left = until_ms - time_monotonic_ms();
        if (!rc || !again(err) || left <= 0)
            return rc;
        pause_for(pause < left ? pause : left, watched);
        if (watched && progress_check(watched, err) != 0)
            return -err->code;
    }
}

/* The time between two texts of the server's clock. */
static int64_t lease_of(const json_t *run)
{
    const char *from = json_text(run, "heartbeat_at"), *to = json_text(run, "lease_until");
    int64_t from_us, to_us;
    if (!from || !to || !time_parse(from, &from_us) || !time_parse(to, &to_us) || to_us <= from_us)
        return 0;
    return (to_us - from_us) / 1000;
}

int server_start(const struct server *server, struct arena *arena, const char *ecosystem, const char *platform,
                 enum job_kind kind, const char *name, int64_t patience_ms, const struct progress *progress,
                 struct server_run *out, const char **refusal, struct err *err)
{
    unsigned char random[16];
    char key[2 * sizeof random + 1];
    struct server_answer answer;
    crypto_random(random, sizeof random);
    crypto_hex(random, sizeof random, key);
    struct server_call call = {.method = HTTP_POST,
                               .path = arena_printf(arena, "/v1/ecosystems/%s/platforms/%s/%ss/%s/runs", ecosystem,
                                                    platform, job_kind_names[kind], name),
                               .key = key};
    int rc = server_insist(server, arena, &call, time_monotonic_ms() + patience_ms, progress, server_may_retry, &answer,
                           err);
    *refusal = answer.refusal;
    if (rc)
        return rc;
    if (work_read(arena, answer.body, &out->work, err) != 0)
        return err_prefix(err, "%s", server->url);
    out->lease_ms = lease_of(answer.json);
    if (!out->lease_ms)
        return err_set(err, ERR_INVALID, "%s: the run has no lease", server->url);
    return 0;
}

json_t *server_progress_json(const struct progress *progress)
{
    json_t *out =
        json_pack("{s:s, s:I, s:I}", "phase", phase_names[atomic_load(&progress->phase)], "rows",
                  (json_int_t)atomic_load(&progress->rows), "bytes", (json_int_t)atomic_load(&progress->bytes));
    uint64_t expected = atomic_load(&progress->rows_expected);
    if (expected)
        json_object_set_new(out, "rows_expected", json_integer((json_int_t)expected));
    return out;
}

static const char *run_path(struct arena *arena, const struct work *work, const char *rest)
{
    return arena_printf(arena, "/v1/ecosystems/%s/runs/%lld%s", work->ecosystem, (long long)work->run, rest);
}

int server_heartbeat(const struct server *server, struct arena *arena, const struct work *work,
                     const struct progress *progress, bool ingested, int64_t deadline_ms, bool *cancelled,
                     struct err *err)
{
    json_t *body = json_own(
        arena, json_pack("{s:I, s:o}", "fence", (json_int_t)work->fence, "progress", server_progress_json(progress)));
    struct server_answer answer;
    struct server_call call = {
        .method = HTTP_PATCH, .path = run_path(arena, work, ""), .body = body, .deadline_ms = deadline_ms};
    if (ingested)
        json_object_set_new(body, "state", json_string("ingested"));
    int rc = server_send(server, arena, &call, &answer, err);
    if (rc && answer.status && !answer.refusal)
        err->code = ERR_UNAVAILABLE; /* a proxy before a server that is away says anything */
    *cancelled = !rc && json_is_true(json_object_get(answer.json, "cancel_requested"));
    return rc ? -(int)err->code : 0;
}

json_t *server_counts_json(const struct counts *counts)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "read", (json_int_t)counts->read, "inserted",
                     (json_int_t)counts->inserted, "updated", (json_int_t)counts->updated, "deleted",
                     (json_int_t)counts->deleted, "unchanged", (json_int_t)counts->unchanged, "quarantined",
                     (json_int_t)counts->quarantined);
}

/* At most max bytes, and not a part of a character at the end. */
static json_t *text_json(const char *text, size_t max)
{
    size_t len = strlen(text);
    if (len > max) {
        len = max;
        while (len && ((unsigned char)text[len] & 0xC0) == 0x80)
            len--;
    }
    json_t *json = json_stringn(text, len);
    return json ? json : json_string("(a text that is no UTF-8)");
}

int server_finish(const struct server *server, struct arena *arena, const struct work *work,
                  const struct server_report *report, int64_t until_ms, struct err *err)
{
    json_t *body =
        json_own(arena, json_pack("{s:I, s:s}", "fence", (json_int_t)work->fence, "outcome", report->outcome));
    struct server_answer answer;
    struct server_call call = {.method = HTTP_POST, .path = run_path(arena, work, "/finish"), .body = body};
    if (report->counts)
        json_object_set_new(body, "counts", server_counts_json(report->counts));
    if (report->watermark)
        json_object_set_new(body, "watermark", text_json(report->watermark, MARK_MAX));
    if (report->cause)
        json_object_set_new(body, "cause", json_string(report->cause));
    if (report->message)
        json_object_set_new(body, "message", text_json(report->message, MESSAGE_MAX));
    if (report->operation)
        json_object_set_new(body, "operation", json_integer(report->operation));
    if (report->merge_fence)
        json_object_set_new(body, "merge_fence", json_integer(report->merge_fence));
    return server_insist(server, arena, &call, until_ms, NULL, server_may_retry, &answer, err);
}
