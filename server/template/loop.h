#ifndef YELLOW_TEMPLATE_LOOP_H
#define YELLOW_TEMPLATE_LOOP_H

#include "template/run.h"

/* A for loop that runs: what `loop` is in its body. */
struct loop {
    const struct node *node;
    struct walk walk;
    struct frame *frame; /* where the loop stands, for recursion */
    int64_t index0;
    size_t depth0;
    struct value before, current, after; /* after: looked at ahead, or VALUE_MISSING */
    struct value changed;                /* what loop.changed() saw last */
    struct value_list *all;              /* all items, once the length was asked for and the walk had none */
    int64_t length;                      /* -1: not known */
};

/* The next item, past the loop's own test. */
bool loop_next(struct run *run, struct loop *loop, struct value *out);

#endif
