#include "http/route.h"

enum { METHODS = 6, MAX_DEPTH = 24 };
static const unsigned method_bits[METHODS] = {HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OPTIONS};

struct node {
    struct str segment; /* absent: any */
    struct node *children, *next;
    const struct http_route *routes[METHODS];
    unsigned allowed;
};

struct route_tree {
    struct node root;
};

static int method_index(unsigned method)
{
    for (int i = 0; i < METHODS; i++)
        if (method_bits[i] == method)
            return i;
    return -1;
}

static bool is_param(struct str segment)
{
    return segment.len > 2 && segment.data[0] == '{' && segment.data[segment.len - 1] == '}';
}

static bool is_pattern(const char *path)
{
    if (!path || path[0] != '/')
        return false;
    struct str rest = str_from(path + 1);
    size_t params = 0, depth = 0;
    while (rest.data) {
        struct str segment = str_cut(&rest, '/');
        if (++depth > MAX_DEPTH || !segment.len)
            return depth == 1 && !rest.data; /* "/" alone */
        if (is_param(segment)) {
            struct str name = {segment.data + 1, segment.len - 2};
            if (!str_is_name(name) || ++params > HTTP_MAX_PARAMS)
                return false;
        } else if (memchr(segment.data, '{', segment.len) || memchr(segment.data, '}', segment.len)) {
            return false;
        }
    }
    return true;
}

static struct node *child(struct arena *arena, struct node *parent, struct str segment)
{
    if (is_param(segment))
        segment = (struct str){0};
    struct node **at = &parent->children;
    for (; *at; at = &(*at)->next)
        if (!(*at)->segment.data == !segment.data && str_eq((*at)->segment, segment))
            return *at;
    struct node *made = arena_alloc(arena, sizeof *made);
    made->segment = segment;
    if (!segment.data) { /* the parameter stays last: literals are tried first */
        *at = made;
        return made;
    }
    made->next = parent->children;
    parent->children = made;
    return made;
}

static int add(struct arena *arena, struct route_tree *tree, const struct http_route *route, struct err *err)
{
    const char *name = route->operation ? route->operation : "", *path = route->path ? route->path : "";
    int method = method_index(route->method);
    if (method < 0)
        return err_set(err, ERR_INTERNAL, "route \"%s\" %s: not one method", name, path);
    if (!is_pattern(route->path))
        return err_set(err, ERR_INTERNAL, "route \"%s\": bad path \"%s\"", name, path);
    struct node *node = &tree->root;
    struct str rest = str_from(route->path + 1);
    while (rest.data)
        node = child(arena, node, str_cut(&rest, '/'));
    if (node->routes[method])
        return err_set(err, ERR_INTERNAL, "route \"%s\": %s %s is taken by \"%s\"", name,
                       http_method_name(route->method), path, node->routes[method]->operation);
    node->routes[method] = route;
    node->allowed |= route->method;
    return 0;
}

int route_tree_new(struct arena *arena, const struct http_route *routes, size_t count, struct route_tree **out,
                   struct err *err)
{
    struct route_tree *tree = arena_alloc(arena, sizeof *tree);
    for (size_t i = 0; i < count; i++) {
        int rc = add(arena, tree, &routes[i], err);
        if (rc)
            return rc;
    }
    *out = tree;
    return 0;
}

/* Depth first; a path that is known under a method stops the search, others add up to what is allowed. */
static bool find(const struct node *node, int method, struct str rest, struct route_match *match)
{
    if (!rest.data) {
        match->allowed |= node->allowed;
        match->route = method >= 0 ? node->routes[method] : NULL;
        return match->route != NULL;
    }
    struct str segment = str_cut(&rest, '/');
    for (const struct node *n = node->children; n; n = n->next) {
        if (n->segment.data) {
            if (str_eq(n->segment, segment) && find(n, method, rest, match))
                return true;
            continue;
        }
        if (!segment.len || match->value_count == HTTP_MAX_PARAMS)
            continue;
        match->values[match->value_count++] = segment;
        if (find(n, method, rest, match))
            return true;
        match->value_count--;
    }
    return false;
}

void route_tree_find(const struct route_tree *tree, unsigned method, struct str path, struct route_match *match)
{
    match->route = NULL;
    match->allowed = 0;
    match->value_count = 0;
    if (!path.len || path.data[0] != '/')
        return;
    struct str rest = {path.data + 1, path.len - 1};
    (void)find(&tree->root, method_index(method == HTTP_HEAD ? HTTP_GET : method), rest, match);
}

static bool is_digits(struct str s)
{
    int64_t value;
    return s.len && s.data[0] != '-' && str_int64(s, 0, INT64_MAX, &value);
}

static bool is_stream(struct str s)
{
    struct str store = str_cut(&s, '.');
    return str_is_name(store) && (!s.data || str_is_name(s));
}

static bool is_artifact(struct str s)
{
    if (!s.len || s.len > 253)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alnum && (i == 0 || (c != '.' && c != '_' && c != '-')))
            return false;
    }
    return true;
}

bool route_param_valid(struct str name, struct str value)
{
    static const struct {
        const char *name;
        bool (*valid)(struct str);
    } rules[] = {
        {"id", is_digits}, {"n", is_digits}, {"run", is_digits}, {"stream", is_stream}, {"artifact", is_artifact}};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (str_eqz(name, rules[i].name))
            return rules[i].valid(value);
    return str_is_name(value);
}
