#ifndef YELLOW_CONTROL_TURNS_H
#define YELLOW_CONTROL_TURNS_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* A thread that does one piece of work after the other, as long as there is any, and sleeps until there may be more. */
struct turns;

struct turns_options {
    /* One turn; *worked: there was something to do. An error is the database's: the next turn waits for it. */
    int (*step)(void *ctx, bool *worked, struct err *err);
    /* How long nothing will be due, in milliseconds; kept within shortest_ms and longest_ms. */
    int (*wait)(void *ctx, int64_t *ms, struct err *err);
    void *ctx;
    int64_t shortest_ms, longest_ms;
};

/* Options are copied. */
struct turns *turns_new(const struct turns_options *options);
int turns_start(struct turns *turns, struct err *err);
/* Asks for the end and waits ms for a turn that is under way; false: it goes on, and is not to be waited for. */
bool turns_stop(struct turns *turns, int64_t ms);
/* Ends the thread. NULL is allowed. */
void turns_free(struct turns *turns);

#endif
