#include "http_document.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The least that libmicrohttpd can do for the same bytes with the same flags, threads and headers: two finished
 * responses, no token, no log, no metrics, no deadline, no look at the request but at If-None-Match. */

static struct MHD_Response *full, *unchanged;

static enum MHD_Result handle(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **context)
{
    (void)cls, (void)url, (void)method, (void)version, (void)data, (void)size;
    if (!*context) { /* a response on the first call would close the connection */
        *context = &full;
        return MHD_YES;
    }
    const char *tag = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "If-None-Match");
    if (tag && strcmp(tag, "\"" BENCH_TAG "\"") == 0)
        return MHD_queue_response(mhd, 304, unchanged);
    return MHD_queue_response(mhd, 200, full);
}

static struct MHD_Response *make(char *data, size_t len, const char *type)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(len, data, MHD_RESPMEM_PERSISTENT);
    if (type)
        (void)MHD_add_response_header(response, "Content-Type", type);
    (void)MHD_add_response_header(response, "ETag", "\"" BENCH_TAG "\"");
    (void)MHD_add_response_header(response, "X-Request-Id", BENCH_ID);
    (void)MHD_add_response_header(response, "Cache-Control", "private, no-cache");
    (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    return response;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    size_t len;
    char *document = bench_document(argv[1], &len);
    full = make(document, len, "application/json");
    unchanged = make("", 0, NULL);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG | MHD_USE_TURBO, 0,
        NULL, NULL, handle, NULL, MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_CONNECTION_LIMIT, (unsigned)BENCH_CONNECTIONS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)BENCH_POOL_BYTES, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)BENCH_THREADS, MHD_OPTION_END);
    if (!daemon)
        return 3;
    (void)printf("%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    (void)fflush(stdout);
    sigset_t set;
    int signal;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)sigwait(&set, &signal);
    MHD_stop_daemon(daemon);
    return 0;
}
