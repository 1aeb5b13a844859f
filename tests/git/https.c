#include "git/credential.h"
#include "git/kit.h"

#include "base/file.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A server on loopback that answers every request with one text and counts them. */
struct server {
    int listener, port, requests;
    char answer[512];
    pthread_t thread;
};

static void *serve(void *arg)
{
    struct server *server = arg;
    for (;;) {
        char request[4096];
        int client = accept(server->listener, NULL, NULL);
        if (client < 0)
            return NULL;
        if (read(client, request, sizeof request) > 0) {
            server->requests++;
            if (write(client, server->answer, strlen(server->answer)) < 0)
                server->requests += 1000;
        }
        close(client);
    }
}

static void server_open(struct server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(server->listener, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(server->listener, 16), 0);
    cr_assert_eq(getsockname(server->listener, (struct sockaddr *)&address, &size), 0);
    server->port = ntohs(address.sin_port);
}

static void server_start(struct server *server)
{
    cr_assert_eq(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void server_stop(struct server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
}

static int fetch(int port, struct err *err)
{
    static const struct git_fetch_options options = {.executable = TEST_FETCHER, .loopback_http = true};
    struct kit kit;
    char head[GIT_OID_TEXT];
    kit_init(&kit);
    int rc = git_fetch_with(kit.arena, kit.mirror, arena_printf(kit.arena, "http://127.0.0.1:%d/m.git", port), "main",
                            NULL, &options, head, err);
    kit_dispose(&kit);
    return rc;
}

Test(git_https, a_redirect_is_not_followed_not_even_to_the_same_host)
{
    static const int statuses[] = {301, 302, 303, 307, 308};
    for (size_t i = 0; i < 2 * sizeof statuses / sizeof *statuses; i++) {
        struct server first = {0}, second = {0};
        struct err err = {0};
        char location[128];
        server_open(&first);
        server_open(&second);
        if (i % 2)
            strcpy(location, "/other.git/info/refs?service=git-upload-pack");
        else
            snprintf(location, sizeof location, "http://127.0.0.1:%d/m.git/info/refs?service=git-upload-pack",
                     second.port);
        snprintf(first.answer, sizeof first.answer,
                 "HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", statuses[i / 2],
                 location);
        server_start(&first);
        server_start(&second);
        cr_expect_eq(fetch(first.port, &err), -ERR_UNAVAILABLE);
        cr_expect_str_eq(err.text, "cannot reach the repository: it answers with a redirect, and none is followed");
        server_stop(&first);
        server_stop(&second);
        cr_expect_eq(first.requests, 1);
        cr_expect_eq(second.requests, 0);
    }
}

Test(git_https, an_answer_that_is_not_gits_is_said_to_be_none)
{
    static const struct {
        const char *answer, *text;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi",
         "cannot reach the repository: the answer is not that of a git repository"},
        {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
         "cannot reach the repository: it answers with HTTP status 404"},
        {"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
         "cannot reach the repository: it answers with HTTP status 500"},
        {"HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
         "cannot reach the repository: it answers with HTTP status 401"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server server = {0};
        struct err err = {0};
        server_open(&server);
        snprintf(server.answer, sizeof server.answer, "%s", cases[i].answer);
        server_start(&server);
        cr_expect_eq(fetch(server.port, &err), -ERR_UNAVAILABLE);
        cr_expect_str_eq(err.text, cases[i].text);
        server_stop(&server);
    }
}

/* A repository behind TLS on https://localhost, which asks for the token "s3cret". */
struct forge {
    struct kit kit;
    FILE *out;
    pid_t pid;
};

static void forge_start(struct forge *forge)
{
    kit_init(&forge->kit);
    struct kit *kit = &forge->kit;
    kit_sh(kit, "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost "
                "-addext subjectAltName=DNS:localhost 2>/dev/null");
    int out[2];
    char port[16] = "";
    const char *script = SOURCE_DIR "/tests/git/https_server.py";
    const char *certificate = arena_printf(kit->arena, "%s/cert.pem", kit->root);
    const char *key = arena_printf(kit->arena, "%s/key.pem", kit->root);
    cr_assert_eq(pipe(out), 0);
    forge->pid = fork();
    if (forge->pid == 0) {
        dup2(out[1], 1);
        execl("/usr/bin/python3", "python3", script, kit->root, certificate, key, "s3cret", NULL);
        _exit(127);
    }
    close(out[1]);
    forge->out = fdopen(out[0], "r");
    cr_assert(fgets(port, sizeof port, forge->out));
    kit->url = arena_printf(kit->arena, "https://localhost:%d/origin.git", (int)strtol(port, NULL, 10));
    setenv("SSL_CERT_FILE", certificate, 1);
    setenv("YELLOW_GIT_TOKEN_FILE", arena_printf(kit->arena, "%s/tokens", kit->root), 1);
}

static void forge_stop(struct forge *forge)
{
    kill(forge->pid, SIGKILL);
    waitpid(forge->pid, NULL, 0);
    fclose(forge->out);
    kit_dispose(&forge->kit);
}

static void tokens(struct forge *forge, const char *text)
{
    cr_assert_eq(
        file_write(arena_printf(forge->kit.arena, "%s/tokens", forge->kit.root), str_from(text), 0600, ERR_IGNORED), 0);
}

Test(git_https, a_repository_is_fetched_with_the_token_of_its_host)
{
    struct forge forge;
    struct err err = {0};
    char head[GIT_OID_TEXT];
    forge_start(&forge);
    kit_sh(&forge.kit, "cd work && seq 1 100000 >large.txt");
    tokens(&forge, "# host user token\nexample.net other\nlocalhost s3cret\n");
    const char *oid = kit_push(&forge.kit, "first");
    cr_expect_eq(kit_fetch(&forge.kit, head, &err), 0, "%s", err.text);
    cr_expect_str_eq(head, oid);
    for (int i = 0; i < 3; i++) {
        oid = kit_push(&forge.kit, "next");
        cr_expect_eq(kit_fetch(&forge.kit, head, &err), 0, "%s", err.text);
        cr_expect_str_eq(head, oid);
    }
    forge_stop(&forge);
}

Test(git_https, a_token_of_another_host_is_not_sent_and_none_is_shown)
{
    struct forge forge;
    struct err err = {0};
    char head[GIT_OID_TEXT];
    forge_start(&forge);
    kit_push(&forge.kit, "first");
    tokens(&forge, "example.net s3cret\nlocalhost.example.net s3cret\n");
    cr_expect_eq(kit_fetch(&forge.kit, head, &err), -ERR_UNAVAILABLE);
    cr_expect_str_eq(err.text, "cannot reach the repository: it answers with HTTP status 401");
    cr_expect_str_eq(err.hint, "YELLOW_GIT_TOKEN_FILE (https) and YELLOW_GIT_SSH_KEY (ssh) name files of credentials");
    tokens(&forge, "localhost x-access-token wr0ng\n");
    cr_expect_eq(kit_fetch(&forge.kit, head, &err), -ERR_UNAVAILABLE);
    cr_expect_str_eq(err.text, "cannot reach the repository: it answers with HTTP status 401");
    forge_stop(&forge);
}

Test(git_https, a_token_that_is_named_goes_to_the_host_of_its_line_alone)
{
    struct forge forge = {0};
    struct err err = {0};
    const char *token, *user;
    kit_init(&forge.kit);
    struct arena *arena = forge.kit.arena;
    setenv("YELLOW_GIT_TOKEN_FILE", arena_printf(arena, "%s/tokens", forge.kit.root), 1);
    tokens(&forge, "sales=example.net first\nstock=example.net ada second\nmoney=example.org third\n");
    cr_expect_eq(git_credential_named(arena, "sales", STR("example.net"), &token, &err), 0);
    cr_expect_str_eq(token, "first");
    cr_expect_eq(git_credential_named(arena, "stock", STR("example.net"), &token, &err), 0);
    cr_expect_str_eq(token, "second");
    cr_expect_eq(git_credential_named(arena, "money", STR("example.net"), &token, &err), -ERR_UNAUTHORIZED);
    cr_expect_str_eq(err.text, "token money is bound to example.org, not to example.net");
    cr_expect_eq(git_credential_named(arena, "sale", STR("example.net"), &token, &err), -ERR_UNAUTHORIZED);
    cr_expect_str_eq(err.text, "there is no token of that name");
    cr_expect_str_eq(err.hint, "YELLOW_GIT_TOKEN_FILE of the server names a file of lines NAME=HOST TOKEN");
    cr_expect_eq(git_credential_token(arena, STR("example.net"), &user, &token), GIT_PASSTHROUGH);
    tokens(&forge, "sales=example.net renewed\n");
    cr_expect_eq(git_credential_named(arena, "sales", STR("example.net"), &token, &err), 0);
    cr_expect_str_eq(token, "renewed");
    tokens(&forge, "sales=example.net renewed\nexample.net plain\n");
    cr_expect_eq(git_credential_token(arena, STR("example.net"), &user, &token), 0);
    cr_expect_str_eq(token, "plain");
    unsetenv("YELLOW_GIT_TOKEN_FILE");
    cr_expect_eq(git_credential_named(arena, "sales", STR("example.net"), &token, &err), -ERR_UNAUTHORIZED);
    kit_dispose(&forge.kit);
}

Test(git_https, a_certificate_that_nobody_vouches_for_is_refused)
{
    struct forge forge;
    struct err err = {0};
    char head[GIT_OID_TEXT];
    forge_start(&forge);
    kit_push(&forge.kit, "first");
    tokens(&forge, "localhost s3cret\n");
    unsetenv("SSL_CERT_FILE");
    cr_expect_eq(kit_fetch(&forge.kit, head, &err), -ERR_UNAVAILABLE);
    cr_expect(str_starts(str_from(err.text), STR("cannot reach the repository: SSL certificate problem")), "%s",
              err.text);
    cr_expect_str_eq(err.hint, "SSL_CERT_FILE can name a file of certificate authorities");
    forge_stop(&forge);
}

Test(git_https, an_answer_over_the_limit_is_refused)
{
    struct forge forge;
    struct err err = {0};
    char head[GIT_OID_TEXT];
    struct git_limits limits = git_default_limits;
    struct git_fetch_options options = {.executable = TEST_FETCHER};
    forge_start(&forge);
    kit_sh(&forge.kit, "cd work && head -c 500000 /dev/urandom >large");
    kit_push(&forge.kit, "first");
    tokens(&forge, "localhost s3cret\n");
    limits.fetch_bytes = 100000;
    cr_expect_eq(
        git_fetch_with(forge.kit.arena, forge.kit.mirror, forge.kit.url, "main", &limits, &options, head, &err),
        -ERR_TOO_LARGE);
    cr_expect_str_eq(err.text, "the fetch received more than 100000 bytes");
    forge_stop(&forge);
}
