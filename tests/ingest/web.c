#include "ingest/web.h"

#include "http/client.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct web web_start(const char *script, const char *const *arguments)
{
    struct web web = {0};
    int fds[2];
    char path[1024], line[32] = "";
    const char *argv[16] = {"python3", path};
    (void)snprintf(path, sizeof path, "%s/tests/ingest/%s", SOURCE_DIR, script);
    for (size_t i = 0; arguments[i]; i++)
        argv[2 + i] = arguments[i];
    cr_assert(eq(int, pipe(fds), 0));
    web.pid = fork();
    if (web.pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)dup2(fds[1], 1);
        (void)close(fds[0]);
        (void)execv("/usr/bin/python3", (char *const *)argv);
        _exit(127);
    }
    (void)close(fds[1]);
    FILE *file = fdopen(fds[0], "r");
    cr_assert(file && fgets(line, sizeof line, file) && sscanf(line, "%d", &web.port) == 1, "%s does not start",
              script);
    (void)fclose(file);
    return web;
}

void web_stop(struct web *web)
{
    (void)kill(web->pid, SIGKILL);
    (void)waitpid(web->pid, NULL, 0);
}

static const char *request(const struct web *web, struct arena *arena, const struct http_client_request *request)
{
    struct http_client_response response;
    struct err err = {0};
    (void)web;
    cr_assert(eq(int, http_client_send(arena, request, &response, &err), 0), "%s", err.text);
    cr_assert(eq(int, response.status, 200));
    return response.body.data;
}

const char *web_put(const struct web *web, struct arena *arena, const char *path, struct str body, const char *header)
{
    const char *headers[] = {header, NULL};
    return request(web, arena,
                   &(struct http_client_request){.method = HTTP_PUT,
                                                 .url = arena_printf(arena, "http://127.0.0.1:%d%s", web->port, path),
                                                 .headers = headers,
                                                 .body = body});
}

const char *web_get(const struct web *web, struct arena *arena, const char *path)
{
    return request(web, arena,
                   &(struct http_client_request){.method = HTTP_GET,
                                                 .url = arena_printf(arena, "http://127.0.0.1:%d%s", web->port, path)});
}
