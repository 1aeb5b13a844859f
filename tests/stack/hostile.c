#include "hostile.h"

#include "base/buf.h"
#include "base/vec.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
enum { EVERYDAY = 15 };
#else
enum { EVERYDAY = 100 };
#endif

size_t hostile_count(void)
{
    const char *asked = getenv("YELLOW_HOSTILE_VALUES");
    int64_t n = EVERYDAY;
    if (asked)
        cr_assert(str_int64(str_from(asked), 1, 1000000, &n), "YELLOW_HOSTILE_VALUES=%s", asked);
    return (size_t)n;
}

static unsigned pick(unsigned *seed, size_t n)
{
    return (unsigned)rand_r(seed) % (unsigned)n;
}

struct str hostile_value(struct arena *arena, unsigned *seed)
{
    static const struct str pieces[] = {STR("a"),
                                        STR("Z"),
                                        STR("0"),
                                        STR(" "),
                                        STR(": "),
                                        STR(":"),
                                        STR(" #"),
                                        STR("- "),
                                        STR("-"),
                                        STR("\""),
                                        STR("'"),
                                        STR("\"\"\""),
                                        STR("'''"),
                                        STR("{{"),
                                        STR("}}"),
                                        STR("{%"),
                                        STR("%}"),
                                        STR("{#"),
                                        STR("["),
                                        STR("]"),
                                        STR("{"),
                                        STR("}"),
                                        STR(","),
                                        STR("&"),
                                        STR("*"),
                                        STR("!"),
                                        STR("|"),
                                        STR(">"),
                                        STR("%"),
                                        STR("@"),
                                        STR("`"),
                                        STR("$("),
                                        STR(")"),
                                        STR("\\"),
                                        STR("\\n"),
                                        STR("\n"),
                                        STR("\t"),
                                        STR("\r"),
                                        STR("\x01"),
                                        STR("\x7f"),
                                        STR("\0"),
                                        STR("\f"),
                                        STR("\xc2\x85"),
                                        STR("\xe2\x80\xa8"),
                                        STR("\xe2\x80\xa9"),
                                        STR("\xc3\xa9"),
                                        STR("\xef\xbb\xbf"),
                                        STR("\xf0\x9f\x98\x80"),
                                        STR("\xff"),
                                        STR("no"),
                                        STR("null"),
                                        STR("1e3"),
                                        STR("0x"),
                                        STR("~"),
                                        STR("="),
                                        STR("---"),
                                        STR("..."),
                                        STR("<<"),
                                        STR("."),
                                        STR("/"),
                                        STR("_"),
                                        STR("?"),
                                        STR("%s"),
                                        STR("{0}"),
                                        STR("$psp.name"),
                                        STR("\\x41"),
                                        STR("\\u0041"),
                                        STR("\\N{DIGIT ONE}")};
    static const char *const words[] = {
        "no",    "yes",  "on",   "off",  "y",   "n",          "true",  "false", "null", "1e3",     "0x1f",
        "0o17",  "017",  "12",   "1.5",  "1-2", "2001-01-01", "1_000", "inf",   "nan",  "0",       "-",
        "a-",    "e3",   "No",   "NULL", "1Mi", "500m",       "1e3m",  "0.5",   "a.b",  "1:2",     "a/b:1",
        "12:30", "1e-3", ".inf", "0b1",  "Y",   "True",       "None",  "x-1",   "a_b",  "default", "system",
        "1e10",  "9e9",  "0e0",  "a1e3", "1k",  "+1",         "_",     "a--b"};
    struct buf *text = buf_new(arena);
    if (pick(seed, 3) == 0)
        buf_adds(text, words[pick(seed, sizeof words / sizeof *words)]);
    for (unsigned n = text->len ? pick(seed, 4) / 3 : 1 + pick(seed, 8); n; n--)
        buf_add_str(text, pieces[pick(seed, sizeof pieces / sizeof *pieces)]);
    if (pick(seed, 200) == 0)
        while (text->len < 5000)
            buf_adds(text, "long");
    return buf_str(text);
}

struct flat {
    struct arena *arena;
    vec(const struct yaml_node *) nodes;
};

static void flatten(struct flat *flat, const struct yaml_node *node)
{
    *vec_push(flat->arena, &flat->nodes) = node;
    for (size_t i = 0; i < node->len; i++) {
        if (node->type == YAML_MAPPING)
            flatten(flat, &node->keys[i]);
        flatten(flat, &node->items[i]);
    }
}

struct tree hostile_tree(struct arena *arena, struct str text)
{
    struct flat flat = {.arena = arena};
    struct yaml_node *documents;
    size_t n = media_read_yaml(arena, text, &documents);
    for (size_t i = 0; i < n; i++)
        flatten(&flat, &documents[i]);
    return (struct tree){flat.nodes.items, flat.nodes.len};
}

/* Nothing that any language would read as more than a name or a number. */
static bool is_tame(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alnum && (!c || !strchr("._-", c)))
            return false;
    }
    return true;
}

static struct str skip(struct str text, size_t n)
{
    return (struct str){text.data + n, text.len - n};
}

static const char *find(struct str text, struct str part)
{
    return part.len <= text.len ? memmem(text.data, text.len, part.data, part.len) : NULL;
}

/* plain with the value, or a tame form of it (a Kubernetes name, an SQL name), wherever word stands. */
static bool is_filled(struct str plain, struct str got, struct str word, struct str value)
{
    for (const char *at = find(plain, word); at; at = find(plain, word)) {
        size_t lead = (size_t)(at - plain.data);
        if (!str_starts(got, (struct str){plain.data, lead}))
            return false;
        plain = skip(plain, lead + word.len);
        got = skip(got, lead);
        const char *next = find(plain, word);
        struct str between = {plain.data, next ? (size_t)(next - plain.data) : plain.len};
        if (str_starts(got, value) && str_starts(skip(got, value.len), between)) {
            got = skip(got, value.len);
            continue;
        }
        const char *end = between.len ? find(got, between) : got.data + got.len;
        size_t len = end ? (size_t)(end - got.data) : 0;
        if (!end || !is_tame((struct str){got.data, len}))
            return false;
        got = skip(got, len);
    }
    return str_eq(plain, got);
}

static bool is_good_leaf(struct str plain, struct str got, struct str word, struct str value, const struct str *texts,
                         size_t count)
{
    if (is_tame(got) || is_filled(plain, got, word, value))
        return true;
    for (size_t i = 0; i < count; i++)
        if (str_eq(str_trim(got), str_trim(texts[i])))
            return true;
    return false;
}

const char *hostile_compare(struct arena *arena, const struct tree *a, const struct tree *b, struct str word,
                            const struct tree *value_tree, struct str value, const struct str *texts, size_t count)
{
    if (a->len != b->len)
        return "two plain words have different trees";
    if (a->len != value_tree->len)
        return arena_printf(arena, "%zu nodes instead of %zu", value_tree->len, a->len);
    for (size_t i = 0; i < a->len; i++) {
        const struct yaml_node *plain = a->nodes[i], *other = b->nodes[i], *got = value_tree->nodes[i];
        bool varies = !str_eq(plain->text, other->text);
        if (plain->type != got->type || plain->len != got->len)
            return arena_printf(arena, "line %u: another kind of node", got->line);
        if (plain->type != YAML_SCALAR)
            continue;
        if (plain->scalar != got->scalar || plain->quoted != got->quoted)
            return arena_printf(arena, "line %u: %.40s is another kind of scalar", got->line, got->text.data);
        if (!varies && !str_eq(plain->text, got->text))
            return arena_printf(arena, "line %u: %.40s was %.40s", got->line, got->text.data, plain->text.data);
        if (varies && !is_good_leaf(plain->text, got->text, word, value, texts, count))
            return arena_printf(arena, "line %u: %.80s is not the value", got->line, got->text.data);
    }
    return NULL;
}
