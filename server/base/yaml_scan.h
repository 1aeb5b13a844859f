#ifndef YELLOW_BASE_YAML_SCAN_H
#define YELLOW_BASE_YAML_SCAN_H

#include "base/yaml.h"

/* What the files of the fast reader (yaml_fast.c, yaml_flow.c, yaml_text.c) share; nobody else's. A function that
 * returns false is not sure: the text then goes to libyaml from its beginning. The rules are those of libyaml's scanner
 * (0.2.5), not of the specification: the two differ, and the tree must not depend on who read the text. */

struct scan {
    struct arena *arena;   /* what the caller keeps */
    struct arena *scratch; /* the stack */
    const struct yaml_limits *limits;
    char *at;   /* of a copy of the text, on the arena; scalars are cut out of it where they stand */
    char *line; /* where the line of `at` begins */
    unsigned lines;
    long column;      /* of `at` in bytes, from 0; -1: the text or the document ends */
    char *cut;        /* end of the last plain scalar: becomes a NUL when `at` has passed it */
    char *counted;    /* up to here, the bytes of the line that begin no character are counted */
    unsigned trailed; /* and are this many */
    bool wide;        /* not all of the text is ASCII */
    size_t count, depth;
    struct yaml_node *stack; /* the children of the collections that are open */
    size_t len, cap;
};

static inline bool scan_is_end(char c)
{
    return c == '\n' || c == '\0';
}

static inline bool scan_is_blank(char c)
{
    return c == ' ' || scan_is_end(c);
}

/* A document marker, if at the beginning of a line. */
static inline bool scan_is_marker(const char *p)
{
    return (*p == '-' || *p == '.') && p[1] == *p && p[2] == *p && scan_is_blank(p[3]);
}

static inline void scan_spaces(struct scan *s)
{
    while (*s->at == ' ')
        s->at++;
}

/* Steps over the end of a line. */
static inline void scan_line(struct scan *s)
{
    s->line = s->counted = ++s->at;
    s->trailed = 0;
    s->lines++;
}

/* Whether a comment may begin at `at`. */
static inline bool scan_is_apart(const struct scan *s)
{
    return s->at == s->line || s->at[-1] == ' ';
}

/* Counts the characters up to p; before what stands there is overwritten. */
static inline void scan_count(struct scan *s, const char *p)
{
    if (s->wide)
        for (; s->counted < p; s->counted++)
            s->trailed += ((unsigned char)*s->counted & 0xc0) == 0x80;
}

/* Begins a node at `at`. False at a limit. */
bool scan_node(struct scan *s, enum yaml_type type, struct yaml_node *node);

/* Opens a collection one level deeper; close puts the children that were pushed since into node. False at a limit, and
 * on a key that is there twice. */
bool scan_open(struct scan *s, enum yaml_type type, struct yaml_node *node);
bool scan_close(struct scan *s, size_t first, struct yaml_node *node);
struct yaml_node *scan_grow(struct scan *s);
static inline void scan_push(struct scan *s, const struct yaml_node *node)
{
    *(s->len < s->cap ? &s->stack[s->len++] : scan_grow(s)) = *node;
}

/* A value that is not there; its place is `at`. */
bool scan_nothing(struct scan *s, struct yaml_node *node);
/* A plain or quoted scalar; `at` is behind it then. indent: of the collection it is in, SCAN_FLOW in a flow collection.
 * *folded: it goes over more than one line, so it is no key. */
enum { SCAN_FLOW = -2 };
bool scan_plain(struct scan *s, long indent, struct yaml_node *node, bool *folded);
bool scan_quoted(struct scan *s, struct yaml_node *node, bool *folded);
/* Whether a value or key follows its ':' so far on that libyaml sees a key. */
static inline bool scan_is_near(const struct scan *s, const struct yaml_node *key, const char *start)
{
    return key->line == s->lines && s->at - start <= 1000;
}
/* A literal or folded scalar; `at` is on the line behind it then. */
bool scan_block(struct scan *s, long indent, struct yaml_node *node);
/* A flow collection; `at` is behind its bracket then. */
bool scan_flow(struct scan *s, struct yaml_node *node);

#endif
