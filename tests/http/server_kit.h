#ifndef TESTS_HTTP_SERVER_KIT_H
#define TESTS_HTTP_SERVER_KIT_H

#include "http/metrics.h"
#include "http/server.h"
#include "http/shared.h"
#include "http/wire.h"

#include <semaphore.h>
#include <stdatomic.h>

/* A server on a port of its own, with a route of each sort. */
struct server_kit {
    struct http_shared *document; /* of GET /status */
    struct http_dispatcher *dispatcher;
    struct http_server *server;
    unsigned port;
    sem_t entered, go_on;    /* GET /wait posts the one, then waits for the other */
    atomic_bool token_holds; /* whether the token "good", once found, still holds */
    char log_path[32];
    int log_fd;
};
extern struct server_kit kit;

#define HOST "Host: localhost\r\n"
#define CLOSE "Connection: close\r\n"
#define JSON_BODY "Content-Type: application/json\r\n"

void server_kit_start(const struct http_server_options *given);
void server_kit_stop(void);
/* Sends a request on a connection of its own; part stands in the answer. */
void server_kit_expect(const char *request, int status_code, const char *part);

#endif
