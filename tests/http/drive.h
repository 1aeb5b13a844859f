#ifndef TESTS_HTTP_DRIVE_H
#define TESTS_HTTP_DRIVE_H

#include "http/dispatch.h"

#include <criterion/criterion.h>
#include <string.h>

/* A request by hand, for tests of handlers: headers are "Name: value" texts ended by NULL. */
struct drive {
    struct arena *arena;
    struct http_request req;
    struct http_response res;
};

static inline void drive_end(struct drive *t)
{
    arena_free(t->arena);
    *t = (struct drive){0};
}

static inline void drive_begin(struct drive *t, enum http_method method, const char *target, const char *const *headers)
{
    *t = (struct drive){.arena = arena_new()};
    struct err err = {0};
    cr_assert_eq(http_request_init(&t->req, t->arena, method, target, &err), 0, "%s", err.text);
    for (; headers && *headers; headers++) {
        const char *colon = strstr(*headers, ": ");
        http_request_add_header(&t->req, arena_strndup(t->arena, *headers, (size_t)(colon - *headers)), colon + 2);
    }
    http_request_take_ids(&t->req);
}

/* The problem document, or whatever JSON came back. */
static inline json_t *drive_json(struct drive *t)
{
    json_t *out = NULL;
    struct err err = {0};
    cr_assert_eq(json_read(t->arena, http_response_body(&t->res), &out, &err), 0, "%s: %s", err.text,
                 http_response_body(&t->res).data);
    return out;
}

#define DRIVE_HEADERS(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
