#include "base/yaml_scan.h"

/* Goes to what comes next; where it is does not matter inside brackets, but a document may not end there. */
static bool next(struct scan *s)
{
    for (;;) {
        scan_spaces(s);
        if (*s->at == '#') {
            if (!scan_is_apart(s))
                return false;
            while (!scan_is_end(*s->at))
                s->at++;
        }
        if (*s->at != '\n')
            return *s->at != '\0' && !(s->at == s->line && scan_is_marker(s->at));
        scan_line(s);
    }
}

static bool scalar(struct scan *s, struct yaml_node *node, bool *folded)
{
    if (*s->at == '"' || *s->at == '\'')
        return scan_quoted(s, node, folded);
    return scan_plain(s, SCAN_FLOW, node, folded);
}

static bool value(struct scan *s, struct yaml_node *node)
{
    bool folded;
    if (*s->at == '[' || *s->at == '{')
        return scan_flow(s, node);
    return scalar(s, node, &folded);
}

/* A key and its value; `at` is on what follows both. */
static bool pair(struct scan *s)
{
    struct yaml_node key, item;
    const char *start = s->at;
    bool folded;
    if (!scalar(s, &key, &folded) || !next(s))
        return false;
    scan_push(s, &key);
    if (*s->at == ':') {
        if (folded || !scan_is_near(s, &key, start))
            return false;
        s->at++;
        if (!next(s))
            return false;
        if (*s->at != ',' && *s->at != '}') {
            if (!value(s, &item) || !next(s))
                return false;
            scan_push(s, &item);
            return true;
        }
    }
    if (!scan_nothing(s, &item))
        return false;
    scan_push(s, &item);
    return true;
}

bool scan_flow(struct scan *s, struct yaml_node *node)
{
    bool map = *s->at == '{';
    char end = map ? '}' : ']';
    size_t base = s->len;
    if (!scan_open(s, map ? YAML_MAPPING : YAML_SEQUENCE, node))
        return false;
    s->at++;
    if (!next(s))
        return false;
    while (*s->at != end) {
        if (map) {
            if (!pair(s))
                return false;
        } else {
            struct yaml_node item;
            if (!value(s, &item) || !next(s))
                return false;
            scan_push(s, &item);
        }
        if (*s->at == ',') {
            s->at++;
            if (!next(s))
                return false;
        } else if (*s->at != end) {
            return false;
        }
    }
    s->at++;
    return scan_close(s, base, node);
}
