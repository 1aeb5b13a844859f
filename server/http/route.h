#ifndef YELLOW_HTTP_ROUTE_H
#define YELLOW_HTTP_ROUTE_H

#include "http/http.h"

/* A tree of path segments: literal ones win over {names}. */

struct route_tree;

/* ERR_INTERNAL that names the route when its method or pattern is bad or taken. The routes are borrowed. */
int route_tree_new(struct arena *arena, const struct http_route *routes, size_t count, struct route_tree **out,
                   struct err *err);

struct route_match {
    const struct http_route *route; /* NULL: no such path, or not with this method */
    unsigned allowed;               /* methods that the path knows; 0: no such path */
    struct str values[HTTP_MAX_PARAMS];
    size_t value_count;
};

/* HEAD finds the route of GET. */
void route_tree_find(const struct route_tree *tree, unsigned method, struct str path, struct route_match *match);

/* What value a parameter takes, by its name: {id}, {n} and {run} digits; {stream} a name with at most one '.' and
 * another one; {artifact} letters, digits, '.', '_' and '-'; all others a name (str_is_name). */
bool route_param_valid(struct str name, struct str value);

#endif
