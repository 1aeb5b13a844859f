#ifndef YELLOW_TEMPLATE_SYMBOLS_H
#define YELLOW_TEMPLATE_SYMBOLS_H

#include "template/compile.h"

/* Which names a scope knows, and where they live. After Jinja2's idtracking.Symbols: what a name means is settled by
 * the whole scope, not by the order in which its statements run. */

/* What has slots of its own: a template, a block, a macro, a recursive loop. */
struct function {
    struct function *up;
    uint16_t depth, slot_count;
};

struct symbol {
    struct str name;
    uint64_t hash;
    uint16_t at;
    uint8_t load; /* LOAD_... */
    bool stored;
    const struct function *from_function; /* of an alias */
    uint16_t from_at;
};

/* Shared by a scope and its branches: a name has one slot in all of them. */
struct slot_names {
    struct str *items;
    uint16_t *at;
    size_t len, cap;
};

struct symbols {
    struct compiler *c;
    struct symbols *parent;
    struct function *function;
    struct slot_names *slots;
    struct symbol *items;
    size_t len, cap;
};

struct symbols *symbols_new(struct compiler *c, struct symbols *parent, struct function *function);
void symbols_load(struct symbols *s, struct str name, uint64_t hash);
void symbols_store(struct symbols *s, struct str name, uint64_t hash);
struct symbol *symbols_declare(struct symbols *s, struct str name);
struct symbols *symbols_copy(const struct symbols *s);
/* Joins what three branches (body, elif, else) of an `if` did. */
void symbols_branch_update(struct symbols *s, struct symbols *const branches[3]);
/* Where name lives as seen from function s->function; false when it is not known. */
bool symbols_find(const struct symbols *s, struct str name, struct slot *out);
/* The loads of this scope. */
struct scope_plan symbols_plan(const struct symbols *s);
/* All names stored here and in the scopes around. */
void symbols_visible(const struct symbols *s, struct visible **out, size_t *len);

/* Walks. Each notes the names of a node in s. */
void symbols_visit_expr(struct symbols *s, const struct node *node);
void symbols_visit_target(struct symbols *s, const struct node *node, bool param);
void symbols_visit_statement(struct symbols *s, const struct node *node);
void symbols_visit_body(struct symbols *s, const struct body *body);
/* Whether name is read in body before it is stored, blocks left out. */
bool symbols_uses(const struct body *body, const char *name);

#endif
