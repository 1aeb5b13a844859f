#include "http/client.h"

#include "base/vec.h"
#include "http/client_private.h"

#include <pthread.h>
#include <stdlib.h>
#include <strings.h>

struct transfer {
    struct arena *arena;
    struct buf *body;
    size_t cap;
    bool too_large;
    vec(struct http_pair) headers;
};

static void init_once(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

void http_client_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, init_once);
}

static size_t take_body(char *data, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    size_t len = size * n;
    if (len > t->cap - t->body->len) {
        t->too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    buf_add(t->body, data, len);
    return len;
}

static size_t take_header(char *data, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    struct str value = {data, size * n};
    if (str_starts(value, STR("HTTP/"))) { /* a new response: 100, then the one that counts */
        t->headers.len = 0;
        return size * n;
    }
    struct str name = str_cut(&value, ':');
    if (value.data) {
        value = str_trim(value);
        *vec_push(t->arena, &t->headers) = (struct http_pair){arena_strndup(t->arena, name.data, name.len),
                                                              arena_strndup(t->arena, value.data, value.len)};
    }
    return size * n;
}

const char *http_client_plain_url(struct arena *arena, const char *url)
{
    size_t n = strcspn(url, "?#");
    const char *scheme = strstr(url, "://");
    const char *host = scheme && (size_t)(scheme - url) < n ? scheme + 3 : url;
    size_t authority = strcspn(host, "/?#");
    const char *at = memchr(host, '@', authority);
    if (!at)
        return arena_strndup(arena, url, n);
    return arena_printf(arena, "%.*s%.*s", (int)(host - url), url, (int)(n - (size_t)(at + 1 - url)), at + 1);
}

void http_client_set_safe(CURL *curl, char *detail)
{
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_USERAGENT, "yellow/" YELLOW_VERSION);
    (void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
    const char *authorities = getenv("SSL_CERT_FILE");
    if (authorities && *authorities)
        (void)curl_easy_setopt(curl, CURLOPT_CAINFO, authorities);
}

static void set_options(CURL *curl, const struct http_client_request *r, struct transfer *t, char *detail)
{
    (void)curl_easy_setopt(curl, CURLOPT_URL, r->url);
    http_client_set_safe(curl, detail);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(r->deadline_ms ? r->deadline_ms : 30000));
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, t);
    if (!r->proxy)
        (void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (r->method == HTTP_HEAD)
        (void)curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    else if (r->body.data || r->method == HTTP_POST || r->method == HTTP_PUT || r->method == HTTP_PATCH) {
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len);
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, r->body.data ? r->body.data : "");
    }
    (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, r->method == HTTP_HEAD ? NULL : http_method_name(r->method));
}

int http_client_fail(int code, const char *url, const char *detail, struct err *err)
{
    const char *why = detail[0] ? detail : curl_easy_strerror((CURLcode)code);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return err_set(err, ERR_TIMEOUT, "%s did not answer in time", url);
    /* The latter is also what libcurl says of an answer without a status line. */
    if (code == CURLE_URL_MALFORMAT || (code == CURLE_UNSUPPORTED_PROTOCOL && !strstr(why, "HTTP/0.9")))
        return err_set(err, ERR_USAGE, "\"%s\" is not an http or https URL", url);
    return err_set(err, ERR_UNAVAILABLE, "%s: %s", url, why);
}

int http_client_send(struct arena *arena, const struct http_client_request *request,
                     struct http_client_response *response, struct err *err)
{
    http_client_start();
    char detail[CURL_ERROR_SIZE] = "";
    struct transfer t = {.arena = arena, .body = buf_new(arena), .cap = request->cap ? request->cap : (size_t)64 << 20};
    struct curl_slist *headers = NULL;
    int rc = 0;
    CURL *curl = curl_easy_init();
    if (!curl)
        return err_set(err, ERR_IO, "libcurl does not start");
    set_options(curl, request, &t, detail);
    headers = curl_slist_append(headers, "Expect:"); /* our bodies are small: no round trip before them */
    for (const char *const *h = request->headers; headers && h && *h; h++)
        headers = curl_slist_append(headers, *h);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK) {
        const char *url = http_client_plain_url(arena, request->url);
        rc = t.too_large ? err_set(err, ERR_TOO_LARGE, "%s answers with more than %zu bytes", url, t.cap)
                         : http_client_fail((int)code, url, detail, err);
        goto out;
    }
    long status = 0;
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    response->status = (int)status;
    response->body = buf_str(t.body);
    response->headers = t.headers.items;
    response->header_count = t.headers.len;
out:
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return rc;
}

const char *http_client_header(const struct http_client_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (strcasecmp(response->headers[i].name, name) == 0)
            return response->headers[i].value;
    return NULL;
}
