#include "base/crypto.h"
#include "base/map.h"
#include "base/time.h"
#include "http/server.h"
#include "http/shared.h"
#include "http_document.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

/* Yellow's server with its whole way of a request: dispatcher, token, scope, log, metrics, deadlines. */

static struct http_shared *document;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of document, as of the control plane's */
static _Atomic uint64_t changes;
static struct map tokens; /* SHA-256 in hexadecimal to a principal, as the control plane keeps them */

static int authenticate(void *app, struct arena *arena, bool may_wait, struct str token, struct http_principal *out,
                        struct err *err)
{
    (void)app, (void)arena, (void)may_wait;
    char hash[SHA256_HEX_SIZE];
    crypto_sha256_hex(token, hash);
    const struct http_principal *found = map_get(&tokens, (struct str){hash, sizeof hash - 1});
    if (!found)
        return err_set(err, ERR_UNAUTHORIZED, "the token is unknown or expired");
    *out = *found;
    out->stamp = atomic_load(&changes) + 1;
    out->until_us = time_now_us() + 60000000;
    return 0;
}

/* As the control plane's: nothing has changed since, and the answer is not old. */
static bool authenticated(void *app, const struct http_principal *who)
{
    (void)app;
    return who->stamp == atomic_load(&changes) + 1 && time_coarse_us() < who->until_us;
}

static int get_status(struct http_request *req, struct http_response *res, struct err *err)
{
    if (strcmp(http_param(req, "eco"), "acme") != 0)
        return http_no_ecosystem(err, http_param(req, "eco"));
    (void)pthread_mutex_lock(&lock);
    struct http_shared *shared = http_shared_ref(document);
    (void)pthread_mutex_unlock(&lock);
    http_reply_shared(res, shared);
    return 0;
}

static const struct http_route routes[] = {
    {HTTP_GET, "/v1/ecosystems/{eco}/status", get_status, "status:read", "getStatus", ROUTE_INLINE, 0},
};

static void make_tokens(struct arena *arena)
{
    static struct http_principal reader = {.token_id = 1, .name = "bench", .scopes = {"model:read", "status:read"}};
    tokens.arena = arena;
    for (int i = 0; i < 100; i++) {
        const char *token = i == 50 ? BENCH_TOKEN : arena_printf(arena, "yb_other%d", i);
        char *hash = arena_alloc(arena, SHA256_HEX_SIZE);
        crypto_sha256_hex(str_from(token), hash);
        (void)map_put(&tokens, str_from(hash), &reader);
    }
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    struct err err = {0};
    struct arena *arena = arena_new();
    make_tokens(arena);
    size_t len;
    char *data = bench_document(argv[1], &len);
    struct buf body = {0};
    buf_add(&body, data, len);
    free(data);
    document = http_shared_new(200, "application/json", BENCH_TAG, &body);

    struct http_dispatcher_options dispatch = {.authenticate = authenticate, .authenticated = authenticated};
    struct http_server_options options = {.threads = BENCH_THREADS, .connections = BENCH_CONNECTIONS};
    struct http_dispatcher *dispatcher;
    struct http_server *server;
    options.access_fd = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    sigset_t set;
    int signal;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (http_dispatcher_new(routes, sizeof routes / sizeof routes[0], &dispatch, &dispatcher, &err))
        goto fail;
    options.dispatcher = dispatcher;
    if (http_server_start(&options, &server, &err))
        goto fail;
    (void)printf("%u\n", http_server_port(server));
    (void)fflush(stdout);
    (void)sigwait(&set, &signal);
    http_server_stop(server, 1000);
    http_dispatcher_free(dispatcher);
    http_shared_unref(document);
    arena_free(arena);
    return 0;
fail:
    (void)fprintf(stderr, "bench_http_yellow: %s\n", err.text);
    return 3;
}
