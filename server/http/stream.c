#include "http/stream.h"

#include "base/time.h"
#include "base/vec.h"
#include "http/client_private.h"

#include <curl/curl.h>
#include <stdlib.h>

/* The transfer rests while this much waits to be read. */
enum { HIGH_WATER = 512 << 10, RECEIVE_SIZE = 256 << 10, HEADER_BYTES_MAX = 256 << 10 };

struct http_stream {
    CURL *easy;
    CURLM *multi;
    struct curl_slist *headers;
    char *origin;
    int wake_fd;
    int64_t idle_ms, last_byte_ms;
    bool running, paused, headed, done;
    CURLcode result;
    char detail[CURL_ERROR_SIZE];
    struct arena *arena; /* of one request */
    const char *url;     /* for error texts */
    vec(struct http_pair) pairs;
    size_t header_bytes;
    int status;
    struct buf body, given;
};

static size_t take_body(char *data, size_t size, size_t n, void *ctx)
{
    struct http_stream *s = ctx;
    s->headed = true;
    if (s->body.len >= HIGH_WATER) {
        s->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    buf_add(&s->body, data, size * n);
    s->last_byte_ms = time_monotonic_ms();
    return size * n;
}

static size_t take_header(char *data, size_t size, size_t n, void *ctx)
{
    struct http_stream *s = ctx;
    struct str line = {data, size * n};
    s->last_byte_ms = time_monotonic_ms();
    s->header_bytes += line.len;
    if (s->header_bytes > HEADER_BYTES_MAX)
        return 0;
    if (s->headed) /* a trailer of a chunked body */
        return line.len;
    if (str_starts(line, STR("HTTP/"))) {
        long status = 0;
        (void)curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
        s->status = (int)status;
        s->pairs.len = 0;
        return line.len;
    }
    struct str value = line, name = str_cut(&value, ':');
    if (value.data) {
        value = str_trim(value);
        *vec_push(s->arena, &s->pairs) = (struct http_pair){arena_strndup(s->arena, name.data, name.len),
                                                            arena_strndup(s->arena, value.data, value.len)};
    } else if (str_trim(line).len == 0 && s->status >= 200) {
        s->headed = true;
    }
    return line.len;
}

int http_stream_new(const struct http_stream_options *options, struct http_stream **out, struct err *err)
{
    http_client_start();
    if (!http_same_origin(options->origin, options->origin))
        return err_set(err, ERR_USAGE, "\"%s\" is not an http or https URL", options->origin);
    struct http_stream *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->easy = curl_easy_init();
    s->multi = curl_multi_init();
    s->origin = strdup(options->origin);
    s->arena = arena_new();
    if (!s->easy || !s->multi || !s->origin) {
        http_stream_free(s);
        return err_set(err, ERR_IO, "libcurl does not start");
    }
    s->wake_fd = options->wake_fd;
    s->idle_ms = options->idle_ms ? options->idle_ms : 60000;
    http_client_set_safe(s->easy, s->detail);
    (void)curl_easy_setopt(s->easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(s->easy, CURLOPT_CONNECTTIMEOUT_MS,
                           (long)(options->connect_ms ? options->connect_ms : 10000));
    (void)curl_easy_setopt(s->easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_SIZE);
    (void)curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, s);
    (void)curl_easy_setopt(s->easy, CURLOPT_HEADERFUNCTION, take_header);
    (void)curl_easy_setopt(s->easy, CURLOPT_HEADERDATA, s);
    if (options->sign) {
        (void)curl_easy_setopt(s->easy, CURLOPT_AWS_SIGV4, options->sign);
        (void)curl_easy_setopt(s->easy, CURLOPT_USERNAME, options->user);
        (void)curl_easy_setopt(s->easy, CURLOPT_PASSWORD, options->password);
    }
    *out = s;
    return 0;
}

/* Ends the request that is under way. */
static void stop(struct http_stream *s)
{
    if (s->running)
        (void)curl_multi_remove_handle(s->multi, s->easy);
    s->running = false;
}

void http_stream_free(struct http_stream *s)
{
    if (!s)
        return;
    stop(s);
    curl_easy_cleanup(s->easy);
    (void)curl_multi_cleanup(s->multi);
    curl_slist_free_all(s->headers);
    buf_dispose(&s->body);
    buf_dispose(&s->given);
    arena_free(s->arena);
    free(s->origin);
    free(s);
}

static int finish(struct http_stream *s, struct err *err)
{
    if (s->result == CURLE_OK)
        return 0;
    return http_client_fail((int)s->result, s->url, s->detail, err);
}

/* One step: what has come is taken; without any, waits for it. */
static int step(struct http_stream *s, bool wait, struct err *err)
{
    int running = 0, left = 0;
    (void)curl_multi_perform(s->multi, &running);
    for (CURLMsg *message; (message = curl_multi_info_read(s->multi, &left));)
        if (message->msg == CURLMSG_DONE) {
            s->result = message->data.result;
            s->done = true;
        }
    if (s->done) {
        stop(s);
        return 0;
    }
    if (!wait || s->body.len)
        return 0;
    int64_t rest = s->last_byte_ms + s->idle_ms - time_monotonic_ms();
    if (rest <= 0)
        return err_set(err, ERR_TIMEOUT, "%s did not answer in time", s->url);
    struct curl_waitfd wake = {.fd = s->wake_fd, .events = CURL_WAIT_POLLIN};
    (void)curl_multi_poll(s->multi, &wake, s->wake_fd >= 0, (int)(rest < 1000 ? rest : 1000), NULL);
    if (wake.revents)
        return err_set(err, ERR_CANCELLED, "%s: stopped while it was read", s->url);
    return 0;
}

/* Of which each reader would believe another one. */
static bool one_length(const struct http_stream *s)
{
    const char *length = NULL;
    for (size_t i = 0; i < s->pairs.len; i++) {
        const struct http_pair *pair = &s->pairs.items[i];
        if (strcasecmp(pair->name, "Content-Length") != 0)
            continue;
        if (length && strcmp(length, pair->value) != 0)
            return false;
        length = pair->value;
    }
    return true;
}

int http_stream_get(struct http_stream *s, const char *url, const char *const *headers,
                    struct http_client_response *head, struct err *err)
{
    int rc = 0;
    stop(s);
    arena_reset(s->arena);
    s->pairs.items = NULL;
    s->pairs.len = s->pairs.cap = s->header_bytes = 0;
    s->status = 0;
    s->paused = s->headed = s->done = false;
    s->result = CURLE_OK;
    s->detail[0] = '\0';
    buf_cut(&s->body, 0);
    s->url = http_client_plain_url(s->arena, url);
    if (!http_same_origin(s->origin, url))
        return err_set(err, ERR_FORBIDDEN, "%s is not at the registered address", s->url);
    curl_slist_free_all(s->headers);
    s->headers = NULL;
    for (const char *const *h = headers; h && *h; h++)
        s->headers = curl_slist_append(s->headers, *h);
    (void)curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, s->headers);
    /* A key of S3 may hold "..": without its segments it is another object's, even another bucket's. */
    (void)curl_easy_setopt(s->easy, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(s->easy, CURLOPT_URL, url);
    if (curl_multi_add_handle(s->multi, s->easy) != CURLM_OK)
        return err_set(err, ERR_IO, "libcurl takes no request");
    s->running = true;
    s->last_byte_ms = time_monotonic_ms();
    while (rc == 0 && !s->headed && !s->done)
        rc = step(s, true, err);
    if (rc == 0 && !s->headed)
        rc = finish(s, err);
    if (rc) {
        stop(s);
        return rc;
    }
    if (!one_length(s)) {
        stop(s);
        return err_set(err, ERR_UNAVAILABLE, "%s answers with two lengths", s->url);
    }
    *head = (struct http_client_response){.status = s->status, .headers = s->pairs.items, .header_count = s->pairs.len};
    return 0;
}

int http_stream_read(struct http_stream *s, struct str *piece, struct err *err)
{
    int rc = 0;
    /* Taken before the piece is given out, so that the network goes on while the caller works. */
    for (bool first = true; rc == 0 && !s->done && (first || s->body.len == 0); first = false) {
        if (s->paused && s->body.len < HIGH_WATER) {
            s->paused = false;
            (void)curl_easy_pause(s->easy, CURLPAUSE_CONT);
        }
        rc = step(s, true, err);
    }
    if (rc) {
        stop(s);
        return rc;
    }
    if (s->body.len == 0)
        return finish(s, err);
    struct buf filled = s->body;
    s->body = s->given;
    s->given = filled;
    buf_cut(&s->body, 0);
    *piece = buf_str(&s->given);
    return 1;
}

static char *part(CURLU *url, CURLUPart what)
{
    char *text = NULL;
    return curl_url_get(url, what, &text, what == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0) == CURLUE_OK ? text : NULL;
}

bool http_same_origin(const char *a, const char *b)
{
    static const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
    CURLU *one = curl_url(), *other = curl_url();
    bool same = one && other && curl_url_set(one, CURLUPART_URL, a, 0) == CURLUE_OK &&
                curl_url_set(other, CURLUPART_URL, b, 0) == CURLUE_OK;
    for (size_t i = 0; same && i < sizeof parts / sizeof *parts; i++) {
        char *x = part(one, parts[i]), *y = part(other, parts[i]);
        same = x && y && strcasecmp(x, y) == 0;
        if (i == 0)
            same = same && (strcasecmp(x, "http") == 0 || strcasecmp(x, "https") == 0);
        curl_free(x);
        curl_free(y);
    }
    curl_url_cleanup(one);
    curl_url_cleanup(other);
    return same;
}

const char *http_resolve(struct arena *arena, const char *base, const char *reference)
{
    CURLU *url = curl_url();
    const char *resolved = NULL;
    char *text = NULL;
    if (url && curl_url_set(url, CURLUPART_URL, base, 0) == CURLUE_OK &&
        curl_url_set(url, CURLUPART_URL, reference, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK)
        resolved = arena_strdup(arena, text);
    curl_free(text);
    curl_url_cleanup(url);
    return resolved;
}
