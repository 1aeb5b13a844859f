#ifndef TESTS_MODEL_SUPPORT_H
#define TESTS_MODEL_SUPPORT_H

#include "model/model.h"

#include <criterion/criterion.h>

/* One test's model out of texts; everything goes with support_end. */
struct fixture {
    struct arena *arena;
    struct findings findings;
    struct model *model;
};

/* A small valid model of several documents that tests add to. */
extern const char support_base[];

/* Loads the YAML texts as a.yaml, b.yaml, ...; NULL ends them. transforms/mask.sql is there too. */
struct fixture support_load(const char *first, ...) __attribute__((sentinel));
/* The same, checked and sorted. */
struct fixture support_check(const char *first, ...) __attribute__((sentinel));
void support_end(struct fixture *fixture);
/* All findings as findings_print has them, compared with the text. */
void support_expect(const struct fixture *fixture, const char *expected);
/* The base with the first `from` in it replaced by `to`; on the heap. */
char *support_with(const char *from, const char *to);

#endif
