#include "git/https.h"

#include "base/buf.h"
#include "git/credential.h"

#include <curl/curl.h>
#include <git2.h>
#include <git2/sys/transport.h>
#include <stdlib.h>

enum { CONNECT_TIMEOUT_S = 30, POLL_MS = 1000 };

/* One per fetch: the connection is kept between its requests. */
struct channel {
    git_smart_subtransport base; /* first: libgit2 hands out its address */
    struct git_https_options *options;
    CURLM *multi;
};

/* One request and its answer, read as it comes. */
struct exchange {
    git_smart_subtransport_stream base; /* first, as above */
    struct channel *channel;
    CURL *easy;
    struct curl_slist *headers;
    const char *want_type; /* content type of the answer */
    struct buf request, answer;
    size_t taken, received; /* bytes of answer handed on; of all answers so far */
    bool post, started, done;
    int failed; /* libgit2's code; its message is set */
    char error[CURL_ERROR_SIZE];
};

static int fail(struct exchange *exchange, int class, int code, const char *text)
{
    git_error_set_str(class, text);
    return exchange->failed = code;
}

/* Whether the answer is one of a git server that lets us in. */
static int check_answer(struct exchange *exchange)
{
    long status = 0;
    const char *type = NULL;
    curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(exchange->easy, CURLINFO_CONTENT_TYPE, &type);
    if (status >= 300 && status < 400)
        return fail(exchange, GIT_ERROR_HTTP, GIT_ERROR, "it answers with a redirect, and none is followed");
    if (status == 401 || status == 403)
        return fail(exchange, GIT_ERROR_HTTP, GIT_EAUTH,
                    arena_printf(exchange->channel->options->arena, "it answers with HTTP status %ld", status));
    if (status != 200)
        return fail(exchange, GIT_ERROR_HTTP, GIT_ERROR,
                    arena_printf(exchange->channel->options->arena, "it answers with HTTP status %ld", status));
    if (!type || strcmp(type, exchange->want_type))
        return fail(exchange, GIT_ERROR_HTTP, GIT_ERROR, "the answer is not that of a git repository");
    return 0;
}

static size_t on_data(char *data, size_t size, size_t count, void *payload)
{
    struct exchange *exchange = payload;
    size_t len = size * count;
    if (check_answer(exchange))
        return CURL_WRITEFUNC_ERROR;
    exchange->received += len;
    if (exchange->received > exchange->channel->options->bytes_max) {
        fail(exchange, GIT_ERROR_HTTP, GIT_EUSER, "the answer is too large");
        return CURL_WRITEFUNC_ERROR;
    }
    buf_add(&exchange->answer, data, len);
    return len;
}

static void start(struct exchange *exchange)
{
    if (exchange->post) {
        curl_easy_setopt(exchange->easy, CURLOPT_POST, 1L);
        curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->request.len);
        curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDS, buf_text(&exchange->request));
    }
    curl_multi_add_handle(exchange->channel->multi, exchange->easy);
    exchange->started = true;
}

static int finish(struct exchange *exchange, CURLcode result)
{
    exchange->done = true;
    if (exchange->failed)
        return exchange->failed;
    if (result == CURLE_OK)
        return check_answer(exchange);
    const char *text = exchange->error[0] ? exchange->error : curl_easy_strerror(result);
    bool certificate = result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CACERT_BADFILE;
    return fail(exchange, certificate ? GIT_ERROR_SSL : GIT_ERROR_NET, certificate ? GIT_ECERTIFICATE : GIT_ERROR,
                text);
}

/* Waits until there is something to hand on, or the answer has ended. */
static int pump(struct exchange *exchange)
{
    CURLM *multi = exchange->channel->multi;
    while (!exchange->done && exchange->answer.len == exchange->taken) {
        int running = 0, left;
        if (curl_multi_perform(multi, &running))
            return fail(exchange, GIT_ERROR_NET, GIT_ERROR, "libcurl failed");
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));)
            if (message->msg == CURLMSG_DONE && message->easy_handle == exchange->easy &&
                finish(exchange, message->data.result))
                return exchange->failed;
        if (!exchange->done && exchange->answer.len == exchange->taken)
            curl_multi_poll(multi, NULL, 0, POLL_MS, NULL);
    }
    return 0;
}

static int on_read(git_smart_subtransport_stream *base, char *buffer, size_t size, size_t *out)
{
    struct exchange *exchange = (struct exchange *)base;
    if (!exchange->started)
        start(exchange);
    int code = pump(exchange);
    if (code)
        return code;
    size_t len = exchange->answer.len - exchange->taken;
    if (len > size)
        len = size;
    if (len)
        memcpy(buffer, exchange->answer.data + exchange->taken, len);
    exchange->taken += len;
    if (exchange->taken == exchange->answer.len) {
        buf_cut(&exchange->answer, 0);
        exchange->taken = 0;
    }
    *out = len;
    return 0;
}

static int on_write(git_smart_subtransport_stream *base, const char *data, size_t len)
{
    struct exchange *exchange = (struct exchange *)base;
    if (exchange->started)
        return fail(exchange, GIT_ERROR_HTTP, GIT_ERROR, "a request cannot grow after it was sent");
    buf_add(&exchange->request, data, len);
    return 0;
}

static void exchange_free(git_smart_subtransport_stream *base)
{
    struct exchange *exchange = (struct exchange *)base;
    if (exchange->started)
        curl_multi_remove_handle(exchange->channel->multi, exchange->easy);
    curl_easy_cleanup(exchange->easy);
    curl_slist_free_all(exchange->headers);
    buf_dispose(&exchange->request);
    buf_dispose(&exchange->answer);
    free(exchange);
}

static int set_options(struct exchange *exchange, const char *url)
{
    struct git_https_options *options = exchange->channel->options;
    struct git_url parsed;
    struct err err = {0};
    if (git_url_parse(url, options->loopback_http, &parsed, &err))
        return fail(exchange, GIT_ERROR_HTTP, GIT_ERROR, arena_strdup(options->arena, err.text));

    CURL *easy = exchange->easy;
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, options->loopback_http ? "http,https" : "https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "git/2.0 (yellow)"); /* some forges answer only what looks like git */
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    const char *authorities = getenv("SSL_CERT_FILE");
    if (authorities && *authorities)
        curl_easy_setopt(easy, CURLOPT_CAINFO, authorities);

    const char *user = NULL, *token = NULL;
    int code = git_credential_token(options->arena, parsed.host, &user, &token);
    if (code == 0) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(easy, CURLOPT_USERNAME, user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, token);
    }
    return code == GIT_PASSTHROUGH ? 0 : code;
}

static int on_action(git_smart_subtransport_stream **out, git_smart_subtransport *base, const char *url,
                     git_smart_service_t action)
{
    struct channel *channel = (struct channel *)base;
    struct buf address = {0};
    if (action != GIT_SERVICE_UPLOADPACK_LS && action != GIT_SERVICE_UPLOADPACK) {
        git_error_set_str(GIT_ERROR_HTTP, "only fetches are made");
        return GIT_ERROR;
    }
    struct exchange *exchange = calloc(1, sizeof *exchange);
    CURL *easy = curl_easy_init();
    if (!exchange || !easy)
        abort();
    exchange->base = (git_smart_subtransport_stream){base, on_read, on_write, exchange_free};
    exchange->channel = channel;
    exchange->easy = easy;
    exchange->post = action == GIT_SERVICE_UPLOADPACK;
    exchange->want_type =
        exchange->post ? "application/x-git-upload-pack-result" : "application/x-git-upload-pack-advertisement";
    int code = set_options(exchange, url);
    if (code) {
        exchange_free(&exchange->base);
        return code;
    }
    buf_adds(&address, url);
    while (address.len && address.data[address.len - 1] == '/')
        buf_cut(&address, address.len - 1);
    buf_adds(&address, exchange->post ? "/git-upload-pack" : "/info/refs?service=git-upload-pack");
    if (exchange->post) {
        exchange->headers = curl_slist_append(NULL, "Content-Type: application/x-git-upload-pack-request");
        exchange->headers = curl_slist_append(exchange->headers, "Expect:");
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers);
    }
    curl_easy_setopt(easy, CURLOPT_URL, buf_text(&address));
    buf_dispose(&address);
    *out = &exchange->base;
    return 0;
}

static int on_close(git_smart_subtransport *base)
{
    (void)base;
    return 0;
}

static void channel_free(git_smart_subtransport *base)
{
    struct channel *channel = (struct channel *)base;
    curl_multi_cleanup(channel->multi);
    free(channel);
}

static int channel_new(git_smart_subtransport **out, git_transport *owner, void *payload)
{
    (void)owner;
    struct channel *channel = calloc(1, sizeof *channel);
    CURLM *multi = curl_multi_init();
    if (!channel || !multi)
        abort();
    channel->base = (git_smart_subtransport){on_action, on_close, channel_free};
    channel->options = payload;
    channel->multi = multi;
    *out = &channel->base;
    return 0;
}

static int transport_new(git_transport **out, git_remote *owner, void *payload)
{
    git_smart_subtransport_definition definition = {channel_new, 1, payload};
    return git_transport_smart(out, owner, &definition);
}

int git_https_register(struct git_https_options *options)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int code = git_transport_register("https", transport_new, options);
    /* http as well, so that libgit2's own is never used for it: without loopback_http libcurl refuses it. */
    return code ? code : git_transport_register("http", transport_new, options);
}
