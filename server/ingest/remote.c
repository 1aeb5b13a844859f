#include "ingest/remote.h"

#include "base/time.h"

#include <poll.h>
#include <time.h>

struct remote_limits remote_limits = {.tries = 6,
                                      .backoff_ms = 250,
                                      .backoff_max_ms = 10000,
                                      .retry_after_max_ms = 120000,
                                      .connect_ms = 10000,
                                      .idle_ms = 60000};

int remote_fail(struct remote *remote, const char *cause, int rc)
{
    remote->cause = cause;
    return rc;
}

static const char *cause_of(enum err_code code)
{
    switch (code) {
    case ERR_CANCELLED:
        return NULL;
    case ERR_UNAVAILABLE:
    case ERR_TIMEOUT:
        return "source-unreachable";
    case ERR_USAGE:
    case ERR_FORBIDDEN:
    case ERR_IO:
        return "configuration";
    default:
        return "source-error";
    }
}

int remote_open(struct remote *remote, const struct progress *progress, struct http_stream_options options,
                struct err *err)
{
    *remote = (struct remote){.progress = progress};
    options.wake_fd = progress ? progress->wake_fd : -1;
    options.connect_ms = remote_limits.connect_ms;
    options.idle_ms = remote_limits.idle_ms;
    int rc = http_stream_new(&options, &remote->stream, err);
    return rc ? remote_fail(remote, "configuration", rc) : 0;
}

void remote_close(struct remote *remote)
{
    http_stream_free(remote->stream);
    remote->stream = NULL;
}

int remote_wait(struct remote *remote, int tried, int64_t at_least_ms, struct err *err)
{
    int64_t ms = remote_limits.backoff_ms;
    for (int i = 1; i < tried && ms < remote_limits.backoff_max_ms; i++)
        ms *= 2;
    if (ms > remote_limits.backoff_max_ms)
        ms = remote_limits.backoff_max_ms;
    if (ms < at_least_ms)
        ms = at_least_ms;
    if (!remote->progress) {
        (void)poll(NULL, 0, (int)ms);
        return 0;
    }
    struct pollfd wake = {.fd = remote->progress->wake_fd, .events = POLLIN};
    (void)poll(&wake, 1, (int)ms);
    int rc = progress_check(remote->progress, err);
    return rc ? remote_fail(remote, NULL, rc) : 0;
}

/* Worth another try. */
static bool is_passing(int status)
{
    return status == 408 || status == 429 || status >= 500;
}

static bool read_date(const char *text, int64_t *seconds)
{
    struct tm tm = {0};
    const char *end = text ? strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm) : NULL;
    if (!end || *end)
        return false;
    *seconds = timegm(&tm);
    return true;
}

/* Retry-After: seconds, or a date, which counts from the answer's own, as clocks differ; 0: none. */
static int64_t retry_after_ms(const struct http_client_response *head)
{
    const char *text = http_client_header(head, "Retry-After");
    int64_t seconds = 0, at, now;
    if (str_int64(str_from(text), 0, INT64_MAX / 1000, &seconds))
        return seconds * 1000;
    if (!read_date(text, &at))
        return 0;
    if (!read_date(http_client_header(head, "Date"), &now))
        now = time_now_us() / 1000000;
    return at > now ? (at - now) * 1000 : 0;
}

int remote_get(struct remote *remote, const char *url, const char *const *headers, struct http_client_response *head,
               struct err *err)
{
    for (int tried = 1;; tried++) {
        int64_t at_least = 0;
        int rc = http_stream_get(remote->stream, url, headers, head, err);
        bool passing = rc ? err->code == ERR_UNAVAILABLE || err->code == ERR_TIMEOUT : is_passing(head->status);
        if (passing && rc == 0)
            passing = (at_least = retry_after_ms(head)) <= remote_limits.retry_after_max_ms;
        if (!passing || tried == remote_limits.tries)
            return rc ? remote_fail(remote, cause_of(err->code), rc) : 0;
        rc = remote_wait(remote, tried, at_least, err);
        if (rc)
            return rc;
    }
}

int remote_read(struct remote *remote, struct str *piece, struct err *err)
{
    int rc = http_stream_read(remote->stream, piece, err);
    return rc < 0 ? remote_fail(remote, cause_of(err->code), rc) : rc;
}

int remote_refused(struct remote *remote, const struct http_client_response *head, const char *what, const char *detail,
                   struct err *err)
{
    int status = head->status;
    bool credential = status == 401 || status == 403;
    const char *open = detail ? " (" : "", *close = detail ? ")" : "";
    detail = detail ? detail : "";
    int rc = err_set(err,
                     credential           ? ERR_FORBIDDEN
                     : is_passing(status) ? ERR_UNAVAILABLE
                                          : ERR_INVALID,
                     "%s: the source answers %d%s%s%s", what, status, open, detail, close);
    if (status >= 300 && status < 400)
        rc = err_hint(err, "redirects are not followed: register the address where it really is");
    return remote_fail(remote, credential ? "credential-refused" : "source-error", rc);
}
