#include "stack/media.h"

#include "base/json.h"

static const struct yaml_limits yaml_limits = {.bytes = 16u << 20, .depth = 64, .nodes = 1u << 20};

struct problem {
    struct arena *arena;
    const char *text; /* the first one */
};

static void keep_first(void *ctx, unsigned line, unsigned column, const char *code, const char *text)
{
    struct problem *problem = ctx;
    if (!problem->text)
        problem->text = arena_printf(problem->arena, "line %u, column %u: %s [%s]", line, column, text, code);
}

size_t media_read_yaml(struct arena *arena, struct str text, struct yaml_node **documents)
{
    struct problem problem = {arena, NULL};
    size_t n = yaml_read(arena, text, &yaml_limits, keep_first, &problem, documents);
    return problem.text ? 0 : n;
}

static const char *text_of(const struct yaml_node *node, const char *key)
{
    const struct yaml_node *value = yaml_get(node, key);
    return value && value->type == YAML_SCALAR ? value->text.data : NULL;
}

/* A document with apiVersion and kind is a Kubernetes object, which has a name. */
static int add_object(struct arena *arena, const char *artifact, const struct yaml_node *document,
                      struct media_objects *objects, struct err *err)
{
    const char *version = text_of(document, "apiVersion"), *kind = text_of(document, "kind");
    const struct yaml_node *metadata = yaml_get(document, "metadata");
    if (!version || !kind)
        return 0;
    const char *name = text_of(metadata, "name"), *namespace = text_of(metadata, "namespace");
    if (!name || !*name)
        return err_set(err, ERR_INVALID, "artifact %s, line %u: a %s without a name", artifact, document->line, kind);
    objects->items[objects->len++] = (struct media_object){
        .identity = arena_printf(arena, "%s %s %s/%s", version, kind, namespace ? namespace : "", name),
        .kind = kind,
        .name = name,
        .line = document->line};
    return 0;
}

static int check_yaml(struct arena *arena, const char *name, struct str text, struct media_objects *objects,
                      struct err *err)
{
    struct problem problem = {arena, NULL};
    struct yaml_node *documents;
    size_t n = yaml_read(arena, text, &yaml_limits, keep_first, &problem, &documents);
    if (problem.text)
        return err_set(err, ERR_INVALID, "artifact %s is not YAML: %s", name, problem.text);
    objects->items = arena_calloc(arena, n, sizeof *objects->items);
    for (size_t i = 0; i < n; i++) {
        if (documents[i].type != YAML_MAPPING)
            return err_set(err, ERR_INVALID, "artifact %s: document %zu is not a map", name, i + 1);
        int rc = add_object(arena, name, &documents[i], objects, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int check_json(struct arena *arena, const char *name, struct str text, struct media_objects *objects,
                      struct err *err)
{
    (void)objects;
    json_t *value;
    int rc = json_read(arena, text, &value, err);
    return rc < 0 ? err_prefix(err, "artifact %s is not JSON", name) : 0;
}

/* Nothing but lines of printable UTF-8. */
static int check_text(struct arena *arena, const char *name, struct str text, struct media_objects *objects,
                      struct err *err)
{
    (void)arena, (void)objects;
    if (!str_is_utf8(text))
        return err_set(err, ERR_INVALID, "artifact %s is not UTF-8", name);
    unsigned line = 1;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '\n')
            line++;
        else if ((c < 0x20 && c != '\t') || c == 0x7f)
            return err_set(err, ERR_INVALID, "artifact %s, line %u: a control character", name, line);
    }
    return 0;
}

/* systemd.syntax(7) without continued lines: sections, assignments, comments. */
static int check_unit(struct arena *arena, const char *name, struct str text, struct media_objects *objects,
                      struct err *err)
{
    int rc = check_text(arena, name, text, objects, err);
    struct str rest = text;
    bool section = false;
    for (unsigned n = 1; rc == 0 && rest.data; n++) {
        struct str line = str_cut(&rest, '\n'), key = line;
        bool head = str_starts(line, STR("[")) && str_ends(line, STR("]")),
             has_value = memchr(line.data, '=', line.len);
        if (line.len == 0 || line.data[0] == '#' || line.data[0] == ';')
            continue;
        key = str_cut(&key, '=');
        bool plain = key.len > 0;
        for (size_t i = 0; i < key.len; i++)
            plain = plain && ((key.data[i] | 0x20) >= 'a' && (key.data[i] | 0x20) <= 'z');
        if (!head && (!section || !has_value || !plain || str_ends(line, STR("\\"))))
            rc = err_set(err, ERR_INVALID, "artifact %s, line %u: neither a section, nor KEY=VALUE, nor a comment",
                         name, n);
        section = section || head;
    }
    return rc;
}

struct python {
    const char *name;
    struct str text;
    size_t at;
    unsigned line;
    char closers[256]; /* of the brackets that are open */
    size_t open;
};

/* Over a string that begins at p->at; a backslash takes its next character along, raw strings too. */
static int python_string(struct python *p, struct err *err)
{
    char quote = p->text.data[p->at];
    struct str rest = {p->text.data + p->at, p->text.len - p->at};
    const char three[] = {quote, quote, quote, '\0'};
    bool triple = str_starts(rest, str_from(three));
    unsigned from = p->line;
    for (p->at += triple ? 3 : 1; p->at < p->text.len; p->at++) {
        char c = p->text.data[p->at];
        rest = (struct str){p->text.data + p->at, p->text.len - p->at};
        if (c == '\\' && p->at + 1 < p->text.len)
            c = p->text.data[++p->at] == '\n' ? '\n' : ' ';
        else if (triple ? str_starts(rest, str_from(three)) : c == quote) {
            p->at += triple ? 2 : 0;
            return 0;
        } else if (c == '\n' && !triple)
            break;
        p->line += c == '\n';
    }
    return err_set(err, ERR_INVALID, "artifact %s, line %u: a string without an end", p->name, from);
}

static int python_bracket(struct python *p, char c, struct err *err)
{
    static const char opening[] = "([{", closing[] = ")]}";
    const char *opens = strchr(opening, c);
    if (opens && p->open == sizeof p->closers)
        return err_set(err, ERR_INVALID, "artifact %s, line %u: brackets too deep", p->name, p->line);
    if (opens)
        p->closers[p->open++] = closing[opens - opening];
    else if (p->open == 0 || p->closers[--p->open] != c)
        return err_set(err, ERR_INVALID, "artifact %s, line %u: a '%c' that closes nothing", p->name, p->line, c);
    return 0;
}

/* No grammar, but what a value could break: strings that do not end and brackets that do not match. */
static int check_python(struct arena *arena, const char *name, struct str text, struct media_objects *objects,
                        struct err *err)
{
    struct python p = {.name = name, .text = text, .line = 1};
    int rc = check_text(arena, name, text, objects, err);
    for (; rc == 0 && p.at < text.len; p.at++) {
        char c = text.data[p.at];
        if (c == '\n')
            p.line++;
        else if (c == '#')
            while (p.at + 1 < text.len && text.data[p.at + 1] != '\n')
                p.at++;
        else if (c == '"' || c == '\'')
            rc = python_string(&p, err);
        else if (c && strchr("()[]{}", c))
            rc = python_bracket(&p, c, err);
    }
    if (rc == 0 && p.open)
        rc = err_set(err, ERR_INVALID, "artifact %s: a '%c' is missing at its end", name, p.closers[p.open - 1]);
    return rc;
}

static const struct media types[] = {
    {"application/yaml", check_yaml},    {"application/json", check_json}, {"text/plain", check_text},
    {"text/x-systemd-unit", check_unit}, {"text/x-python", check_python},
};

const struct media *media_find(const char *type)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].type, type) == 0)
            return &types[i];
    return NULL;
}

int media_check(struct arena *arena, const char *type, const char *name, struct str text, struct media_objects *objects,
                struct err *err)
{
    const struct media *media = media_find(type);
    *objects = (struct media_objects){0};
    if (!media)
        return err_set(err, ERR_INTERNAL, "artifact %s: there is no media type %s", name, type);
    return media->check(arena, name, text, objects, err);
}

int media_claim(struct arena *arena, const char *artifact, const struct media_objects *objects, struct map *stack,
                struct err *err)
{
    for (size_t i = 0; i < objects->len; i++) {
        const struct media_object *object = &objects->items[i];
        const char *before = map_put(stack, str_from(object->identity), arena_strdup(arena, artifact));
        if (before)
            return err_set(err, ERR_INVALID, "artifact %s, line %u: the %s %s is in %s already", artifact, object->line,
                           object->kind, object->name, before);
    }
    return 0;
}
