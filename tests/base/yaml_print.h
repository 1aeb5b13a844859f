#ifndef YELLOW_TESTS_BASE_YAML_PRINT_H
#define YELLOW_TESTS_BASE_YAML_PRINT_H

#include "base/buf.h"
#include "base/yaml_fast.h"

#include <stdlib.h>

/* All that a node says, and all below it. */
static inline void yaml_print(struct buf *out, const struct yaml_node *node)
{
    buf_addf(out, "%u:%u %d %d %d %zu '" STR_FMT "' %zu (", node->line, node->column, node->type, node->scalar,
             node->quoted, node->text.len, STR_ARG(node->text), node->len);
    if (node->type == YAML_SCALAR && node->text.data[node->text.len])
        abort(); /* texts are terminated */
    for (size_t i = 0; i < node->len; i++) {
        if (node->type == YAML_MAPPING)
            yaml_print(out, &node->keys[i]);
        yaml_print(out, &node->items[i]);
    }
    buf_addc(out, ')');
}

static inline void yaml_print_problem(void *ctx, unsigned line, unsigned column, const char *code, const char *text)
{
    buf_addf(ctx, "%u:%u %s %s\n", line, column, code, text);
}

typedef size_t yaml_read_fn(struct arena *arena, struct str text, const struct yaml_limits *limits,
                            yaml_problem_fn *problem, void *ctx, struct yaml_node **documents);

/* What read finds in text: the problems, then the documents. */
static inline struct str yaml_print_all(struct arena *arena, yaml_read_fn *read, struct str text,
                                        const struct yaml_limits *limits)
{
    struct buf *out = buf_new(arena);
    struct yaml_node *documents;
    size_t n = read(arena, text, limits, yaml_print_problem, out, &documents);
    for (size_t i = 0; i < n; i++) {
        buf_addc(out, '\n');
        yaml_print(out, &documents[i]);
    }
    return buf_str(out);
}

#endif
