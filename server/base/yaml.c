#include "base/yaml.h"

#include "base/map.h"
#include "base/vec.h"
#include "base/yaml_fast.h"
#include "base/yaml_scalar.h"

#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

typedef vec(struct yaml_node) nodes;

/* A collection whose end has not come yet. */
struct frame {
    struct yaml_node node;
    nodes keys, items;
    struct map seen; /* mapping: key text to the node of its first place */
    bool has_key;    /* mapping: a key came, its value did not */
    bool discard;    /* mapping: what comes as the value belongs to a refused key */
};

struct reader {
    struct arena *arena;   /* what the caller keeps */
    struct arena *scratch; /* frames and growing arrays */
    const struct yaml_limits *limits;
    yaml_problem_fn *problem;
    void *ctx;
    vec(struct frame) stack; /* instead of recursion: depth is the input's choice */
    nodes documents;
    size_t count; /* nodes so far */
    struct str text;
};

static void __attribute__((format(printf, 5, 6)))
report(struct reader *r, unsigned line, unsigned column, const char *code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = arena_vprintf(r->scratch, fmt, args);
    va_end(args);
    if (r->problem)
        r->problem(r->ctx, line, column, code, text);
}

static unsigned line_of(yaml_mark_t mark)
{
    return (unsigned)mark.line + 1;
}

static unsigned column_of(yaml_mark_t mark)
{
    return (unsigned)mark.column + 1;
}

/* Line and column of a byte, for problems that libyaml gives an offset alone. */
static void locate(struct str text, size_t offset, unsigned *line, unsigned *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < offset && i < text.len; i++) {
        if (text.data[i] == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)text.data[i] & 0xc0) != 0x80) {
            ++*column;
        }
    }
}

/* A key as a message shows it: the first line of it, at most 64 bytes, cut between characters. */
static struct str shown(struct str key)
{
    const char *newline = key.len ? memchr(key.data, '\n', key.len) : NULL;
    if (newline)
        key.len = (size_t)(newline - key.data);
    if (key.len > 64) {
        key.len = 64;
        while (key.len && ((unsigned char)key.data[key.len] & 0xc0) == 0x80)
            key.len--;
    }
    return key;
}

static struct frame *top(struct reader *r)
{
    return r->stack.len ? &r->stack.items[r->stack.len - 1] : NULL;
}

static void place_key(struct reader *r, struct frame *in, const struct yaml_node *key, bool refused)
{
    in->has_key = true;
    in->discard = true;
    if (refused || key->type != YAML_SCALAR) /* reported where it began */
        return;
    const struct yaml_node *first = map_get(&in->seen, key->text);
    if (first) {
        struct str name = shown(key->text);
        report(r, key->line, key->column, "yaml-duplicate-key", "key '" STR_FMT "' is already there, at line %u",
               STR_ARG(name), first->line);
        return;
    }
    struct yaml_node *kept = arena_alloc(r->scratch, sizeof *kept);
    *kept = *key;
    (void)map_put(&in->seen, kept->text, kept);
    *vec_push(r->scratch, &in->keys) = *key;
    in->discard = false;
}

/* Puts a finished node where it belongs. refused: an alias, which has no value. */
static void place(struct reader *r, const struct yaml_node *node, bool refused)
{
    struct frame *in = top(r);
    if (!in) {
        bool empty = node->type == YAML_SCALAR && !node->quoted && node->text.len == 0;
        if (!empty || refused)
            *vec_push(r->scratch, &r->documents) = *node;
    } else if (in->node.type == YAML_SEQUENCE) {
        *vec_push(r->scratch, &in->items) = *node;
    } else if (!in->has_key) {
        place_key(r, in, node, refused);
    } else {
        if (!in->discard)
            *vec_push(r->scratch, &in->items) = *node;
        in->has_key = in->discard = false;
    }
}

static struct yaml_node *keep(struct arena *arena, const nodes *v)
{
    struct yaml_node *kept = v->len ? arena_calloc(arena, v->len, sizeof *kept) : NULL;
    if (kept)
        memcpy(kept, v->items, v->len * sizeof *kept);
    return kept;
}

static bool is_key_place(struct reader *r)
{
    const struct frame *in = top(r);
    return in && in->node.type == YAML_MAPPING && !in->has_key;
}

/* Counts a node and refuses its anchor and tag. False at a limit: reading ends. */
static bool begin(struct reader *r, const yaml_event_t *event, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    unsigned line = line_of(event->start_mark), column = column_of(event->start_mark);
    if (++r->count > r->limits->nodes) {
        report(r, line, column, "yaml-size", "more than %zu values", r->limits->nodes);
        return false;
    }
    if (anchor) {
        struct str name = shown(str_from((const char *)anchor));
        report(r, line, column, "yaml-alias", "anchor '&" STR_FMT "' is not allowed", STR_ARG(name));
    }
    if (tag) {
        struct str name = shown(str_from((const char *)tag));
        report(r, line, column, "yaml-tag", "tag '" STR_FMT "' is not allowed", STR_ARG(name));
    }
    return true;
}

static bool on_scalar(struct reader *r, const yaml_event_t *event)
{
    unsigned line = line_of(event->start_mark), column = column_of(event->start_mark);
    if (!begin(r, event, event->data.scalar.anchor, event->data.scalar.tag))
        return false;
    size_t len = event->data.scalar.length;
    const char *text = (const char *)event->data.scalar.value;
    if (memchr(text, 0, len)) /* "\0" in quotes: C code behind us would read a shorter text than was checked */
        report(r, line, column, "yaml-encoding", "a NUL character is not allowed");
    struct yaml_node node = {.type = YAML_SCALAR, .line = line, .column = column};
    node.text = (struct str){arena_strndup(r->arena, text, len), len};
    node.quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node.scalar = node.quoted ? YAML_STRING : yaml_scalar_kind(node.text);
    place(r, &node, false);
    return true;
}

static bool on_alias(struct reader *r, const yaml_event_t *event)
{
    if (!begin(r, event, NULL, NULL))
        return false;
    struct yaml_node node = {.type = YAML_SCALAR,
                             .line = line_of(event->start_mark),
                             .column = column_of(event->start_mark),
                             .text = STR(""),
                             .scalar = YAML_NULL};
    struct str name = shown(str_from((const char *)event->data.alias.anchor));
    report(r, node.line, node.column, "yaml-alias", "alias '*" STR_FMT "' is not allowed", STR_ARG(name));
    place(r, &node, true);
    return true;
}

static bool on_start(struct reader *r, const yaml_event_t *event, enum yaml_type type)
{
    bool mapping = type == YAML_MAPPING;
    unsigned line = line_of(event->start_mark), column = column_of(event->start_mark);
    if (!begin(r, event, mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor,
               mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag))
        return false;
    if (r->stack.len >= r->limits->depth) {
        report(r, line, column, "yaml-depth", "nested deeper than %zu levels", r->limits->depth);
        return false;
    }
    if (is_key_place(r))
        report(r, line, column, "yaml-key", "a key must be a scalar, not a %s", mapping ? "mapping" : "sequence");
    struct frame *frame = vec_push(r->scratch, &r->stack);
    *frame = (struct frame){.node = {.type = type, .line = line, .column = column}, .seen = {.arena = r->scratch}};
    return true;
}

static void on_end(struct reader *r)
{
    struct frame *frame = top(r);
    struct yaml_node node = frame->node;
    node.len = frame->items.len;
    node.items = keep(r->arena, &frame->items);
    node.keys = keep(r->arena, &frame->keys);
    r->stack.len--;
    place(r, &node, false);
}

static bool on_event(struct reader *r, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return on_alias(r, event);
    case YAML_SCALAR_EVENT:
        return on_scalar(r, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_start(r, event, YAML_SEQUENCE);
    case YAML_MAPPING_START_EVENT:
        return on_start(r, event, YAML_MAPPING);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        on_end(r);
        return true;
    case YAML_NO_EVENT:
    case YAML_STREAM_END_EVENT:
        return false;
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return true;
    }
    return true;
}

static void on_syntax(struct reader *r, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR)
        arena_exhausted(r->text.len);
    const char *problem = parser->problem ? parser->problem : "not yaml";
    if (parser->error == YAML_READER_ERROR) {
        unsigned line, column;
        locate(r->text, parser->problem_offset, &line, &column);
        report(r, line, column, "yaml-encoding", "%s", problem);
    } else if (parser->context) {
        report(r, line_of(parser->problem_mark), column_of(parser->problem_mark), "yaml-syntax",
               "%s %s, which begins at line %u", problem, parser->context, line_of(parser->context_mark));
    } else {
        report(r, line_of(parser->problem_mark), column_of(parser->problem_mark), "yaml-syntax", "%s", problem);
    }
}

static void parse(struct reader *r)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        arena_exhausted(sizeof parser);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING); /* no guessing by byte order marks */
    yaml_parser_set_input_string(&parser, (const unsigned char *)r->text.data, r->text.len);
    bool more = true;
    while (more) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            on_syntax(r, &parser);
            break;
        }
        more = on_event(r, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

/* Offset of the first byte that is not well-formed UTF-8; text.len when there is none. */
static size_t first_bad_byte(struct str text)
{
    if (str_is_utf8(text))
        return text.len;
    size_t good = 0;
    for (;;) {
        unsigned char c = (unsigned char)text.data[good];
        size_t len = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
        if (len > text.len - good || !str_is_utf8((struct str){text.data + good, len}))
            return good;
        good += len;
    }
}

static size_t read_text(struct arena *arena, struct str text, const struct yaml_limits *limits, bool fast,
                        yaml_problem_fn *problem, void *ctx, struct yaml_node **documents)
{
    *documents = NULL;
    if (str_starts(text, STR("\xef\xbb\xbf"))) { /* a byte order mark is no column */
        text.data += 3;
        text.len -= 3;
    }
    if (!text.data)
        text = STR("");
    struct reader r = {.arena = arena, .limits = limits, .problem = problem, .ctx = ctx, .text = text};
    r.scratch = arena_new();
    size_t good, count = 0;
    if (text.len > limits->bytes) {
        report(&r, 1, 1, "yaml-size", "%zu bytes are more than the %zu allowed", text.len, limits->bytes);
    } else if ((good = first_bad_byte(text)) < text.len) {
        unsigned line, column;
        locate(text, good, &line, &column);
        report(&r, line, column, "yaml-encoding", "byte 0x%02x is not UTF-8", (unsigned char)text.data[good]);
    } else if (!fast || !yaml_fast(arena, r.scratch, text, limits, documents, &count)) {
        parse(&r);
        *documents = keep(arena, &r.documents);
        count = r.documents.len;
    }
    arena_free(r.scratch);
    return count;
}

size_t yaml_read(struct arena *arena, struct str text, const struct yaml_limits *limits, yaml_problem_fn *problem,
                 void *ctx, struct yaml_node **documents)
{
    return read_text(arena, text, limits, true, problem, ctx, documents);
}

size_t yaml_read_events(struct arena *arena, struct str text, const struct yaml_limits *limits,
                        yaml_problem_fn *problem, void *ctx, struct yaml_node **documents)
{
    return read_text(arena, text, limits, false, problem, ctx, documents);
}

static void first_problem(void *ctx, unsigned line, unsigned column, const char *code, const char *text)
{
    struct err *err = ctx;
    (void)code;
    if (err->code == ERR_NONE)
        (void)err_set(err, ERR_SYNTAX, "%u:%u: %s", line, column, text);
}

int yaml_read_one(struct arena *arena, struct str text, const struct yaml_limits *limits, struct yaml_node **out,
                  struct err *err)
{
    struct err found = {0};
    struct yaml_node *documents;
    size_t n = yaml_read(arena, text, limits, first_problem, &found, &documents);
    if (found.code == ERR_NONE && n == 0)
        (void)err_set(&found, ERR_SYNTAX, "1:1: there is no document");
    if (found.code == ERR_NONE && n > 1)
        (void)err_set(&found, ERR_SYNTAX, "%u:%u: there is more than one document", documents[1].line,
                      documents[1].column);
    if (found.code != ERR_NONE)
        return err_set(err, found.code, "%s", found.text);
    *out = documents;
    return 0;
}

const struct yaml_node *yaml_get(const struct yaml_node *node, const char *key)
{
    if (!node || node->type != YAML_MAPPING)
        return NULL;
    for (size_t i = 0; i < node->len; i++)
        if (str_eqz(node->keys[i].text, key))
            return &node->items[i];
    return NULL;
}
