#include "base/yaml.h"

#include "base/buf.h"

#include <criterion/criterion.h>

static const struct yaml_limits limits = {1 << 20, 64, 10000};

static void collect(void *ctx, unsigned line, unsigned column, const char *code, const char *text)
{
    buf_addf(ctx, "%u:%u %s: %s\n", line, column, code, text);
}

/* The problems of text, one a line, and its documents. */
static char *problems(struct arena *arena, struct str text, size_t *count, struct yaml_node **documents)
{
    struct buf *found = buf_new(arena);
    struct yaml_node *ignored;
    size_t n = yaml_read(arena, text, &limits, collect, found, documents ? documents : &ignored);
    if (count)
        *count = n;
    return arena_strdup(arena, buf_text(found));
}

Test(yaml, values_have_positions_from_one_in_characters)
{
    struct arena *arena = arena_new();
    struct yaml_node *root;
    struct err err = {0};
    cr_assert_eq(yaml_read_one(arena, STR("\xef\xbb\xbf\"äö\": x\nb:\n  - 1\n  - {c: d}\n"), &limits, &root, &err), 0);
    cr_assert_eq(root->type, YAML_MAPPING);
    cr_assert_eq(root->len, 2);
    cr_assert_eq(root->items[0].line, 1);
    cr_assert_eq(root->items[0].column, 7);
    const struct yaml_node *d = yaml_get(&yaml_get(root, "b")->items[1], "c");
    cr_assert_str_eq(d->text.data, "d");
    cr_assert_eq(d->line, 4);
    cr_assert_eq(d->column, 9);
    cr_assert_null(yaml_get(root, "c"));
    cr_assert_null(yaml_get(NULL, "c"));
    arena_free(arena);
}

Test(yaml, a_plain_scalar_has_the_kind_of_the_core_schema)
{
    static const struct {
        const char *text;
        enum yaml_scalar kind;
    } table[] = {
        {"null", YAML_NULL},    {"~", YAML_NULL},          {"Null", YAML_NULL},
        {"nULL", YAML_STRING},  {"true", YAML_BOOL},       {"FALSE", YAML_BOOL},
        {"yes", YAML_STRING},   {"on", YAML_STRING},       {"0", YAML_INT},
        {"-12", YAML_INT},      {"+7", YAML_INT},          {"007", YAML_INT},
        {"0x1F", YAML_INT},     {"0o17", YAML_INT},        {"0x", YAML_STRING},
        {"0o8", YAML_STRING},   {"-0x1", YAML_STRING},     {"1_000", YAML_STRING},
        {"1.5", YAML_FLOAT},    {".5", YAML_FLOAT},        {"5.", YAML_FLOAT},
        {"1e3", YAML_FLOAT},    {"-1.5E-3", YAML_FLOAT},   {"1e", YAML_STRING},
        {".inf", YAML_FLOAT},   {"-.INF", YAML_FLOAT},     {".nan", YAML_FLOAT},
        {"-.nan", YAML_STRING}, {".", YAML_STRING},        {"+", YAML_STRING},
        {"1.2.3", YAML_STRING}, {"12:30", YAML_STRING},    {"2026-01-31", YAML_STRING},
        {"'1'", YAML_STRING},   {"\"null\"", YAML_STRING}, {"''", YAML_STRING},
        {"5m", YAML_STRING},    {"512Mi", YAML_STRING},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct yaml_node *root;
        struct err err = {0};
        char *text = arena_printf(arena, "- %s\n", table[i].text);
        cr_assert_eq(yaml_read_one(arena, str_from(text), &limits, &root, &err), 0, "%s", err.text);
        cr_assert_eq(root->items[0].scalar, table[i].kind, "%s", table[i].text);
    }
    arena_free(arena);
}

Test(yaml, several_documents_are_read_and_empty_ones_left_out)
{
    struct arena *arena = arena_new();
    struct yaml_node *documents;
    size_t n;
    cr_assert_str_eq(problems(arena, STR("---\na: 1\n---\n---\n# nothing\n---\nb: 2\n...\n"), &n, &documents), "");
    cr_assert_eq(n, 2);
    cr_assert_str_eq(documents[1].keys[0].text.data, "b");
    cr_assert_str_eq(problems(arena, STR(""), &n, NULL), "");
    cr_assert_eq(n, 0);
    cr_assert_str_eq(problems(arena, (struct str){0}, &n, NULL), "");
    cr_assert_eq(n, 0);
    arena_free(arena);
}

Test(yaml, a_duplicate_key_is_reported_and_the_first_value_stays)
{
    struct arena *arena = arena_new();
    struct yaml_node *documents;
    size_t n;
    cr_assert_str_eq(problems(arena, STR("a: 1\nb: {x: 1, 'x': [2, {y: 3}]}\na: 2\nc: 3\n"), &n, &documents),
                     "2:11 yaml-duplicate-key: key 'x' is already there, at line 2\n"
                     "3:1 yaml-duplicate-key: key 'a' is already there, at line 1\n");
    cr_assert_eq(n, 1);
    cr_assert_eq(documents->len, 3);
    cr_assert_str_eq(yaml_get(documents, "a")->text.data, "1");
    cr_assert_str_eq(yaml_get(documents, "c")->text.data, "3");
    cr_assert_str_eq(yaml_get(yaml_get(documents, "b"), "x")->text.data, "1");
    arena_free(arena);
}

Test(yaml, aliases_anchors_and_tags_are_each_reported_and_reading_goes_on)
{
    struct arena *arena = arena_new();
    struct yaml_node *documents;
    size_t n;
    cr_assert_str_eq(problems(arena, STR("a: &x 1\nb: *x\n<<: *x\nc: !!str 2\n*x : 3\nd: 4\n"), &n, &documents),
                     "1:4 yaml-alias: anchor '&x' is not allowed\n"
                     "2:4 yaml-alias: alias '*x' is not allowed\n"
                     "3:5 yaml-alias: alias '*x' is not allowed\n"
                     "4:4 yaml-tag: tag 'tag:yaml.org,2002:str' is not allowed\n"
                     "5:1 yaml-alias: alias '*x' is not allowed\n");
    cr_assert_eq(n, 1);
    cr_assert_str_eq(yaml_get(documents, "d")->text.data, "4");
    arena_free(arena);
}

Test(yaml, a_collection_as_key_is_reported_and_left_out)
{
    struct arena *arena = arena_new();
    struct yaml_node *documents;
    cr_assert_str_eq(problems(arena, STR("? [1, 2]\n: x\n? {a: b}\n: y\nc: d\n"), NULL, &documents),
                     "1:3 yaml-key: a key must be a scalar, not a sequence\n"
                     "3:3 yaml-key: a key must be a scalar, not a mapping\n");
    cr_assert_eq(documents->len, 1);
    cr_assert_str_eq(yaml_get(documents, "c")->text.data, "d");
    arena_free(arena);
}

Test(yaml, a_document_10000_deep_is_one_finding)
{
    struct arena *arena = arena_new();
    struct buf *flow = buf_new(arena), *block = buf_new(arena);
    for (int i = 0; i < 10000; i++) {
        buf_addc(flow, '[');
        buf_adds(block, "- ");
    }
    size_t n;
    cr_assert_str_eq(problems(arena, buf_str(flow), &n, NULL), "1:65 yaml-depth: nested deeper than 64 levels\n");
    cr_assert_eq(n, 0);
    cr_assert_str_eq(problems(arena, buf_str(block), &n, NULL), "1:129 yaml-depth: nested deeper than 64 levels\n");
    arena_free(arena);
}

Test(yaml, limits_of_bytes_and_values_are_kept)
{
    struct arena *arena = arena_new();
    struct buf *text = buf_new(arena), *found = buf_new(arena);
    for (int i = 0; i < 20; i++)
        buf_adds(text, "- a\n");
    struct yaml_node *documents;
    cr_assert_eq(yaml_read(arena, buf_str(text), &(struct yaml_limits){79, 9, 99}, collect, found, &documents), 0);
    cr_assert_eq(yaml_read(arena, buf_str(text), &(struct yaml_limits){80, 9, 10}, collect, found, &documents), 0);
    cr_assert_eq(yaml_read(arena, buf_str(text), &(struct yaml_limits){80, 1, 21}, collect, found, &documents), 1);
    cr_assert_str_eq(buf_text(found), "1:1 yaml-size: 80 bytes are more than the 79 allowed\n"
                                      "10:3 yaml-size: more than 10 values\n");
    arena_free(arena);
}

Test(yaml, broken_syntax_is_located_and_complete_documents_stay)
{
    struct arena *arena = arena_new();
    struct yaml_node *documents;
    size_t n;
    cr_assert_str_eq(problems(arena, STR("a: 1\n---\nb: [1\nc: 2\n"), &n, &documents),
                     "4:2 yaml-syntax: did not find expected ',' or ']' while parsing a flow sequence, which begins "
                     "at line 3\n");
    cr_assert_eq(n, 1);
    cr_assert_str_eq(documents->keys[0].text.data, "a");
    arena_free(arena);
}

Test(yaml, bytes_that_are_not_text_are_located)
{
    struct arena *arena = arena_new();
    cr_assert_str_eq(problems(arena, STR("a: 1\nä: \xff\n"), NULL, NULL),
                     "2:4 yaml-encoding: byte 0xff is not UTF-8\n");
    cr_assert_str_eq(problems(arena, STR("a: 1\nä: \x01\n"), NULL, NULL),
                     "2:4 yaml-encoding: control characters are not allowed\n");
    cr_assert_str_eq(problems(arena, STR("a: 1\0b: 2\n"), NULL, NULL),
                     "1:5 yaml-encoding: control characters are not allowed\n");
    cr_assert_str_eq(problems(arena, STR("a: \"x\\0y\"\n"), NULL, NULL),
                     "1:4 yaml-encoding: a NUL character is not allowed\n");
    cr_assert_str_eq(problems(arena,
                              STR("\xff\xfe"
                                  "a\0"),
                              NULL, NULL),
                     "1:1 yaml-encoding: byte 0xff is not UTF-8\n");
    arena_free(arena);
}

Test(yaml, reading_one_document_fails_with_the_first_problem)
{
    struct arena *arena = arena_new();
    struct yaml_node *root = NULL;
    struct err err = {0};
    cr_assert_eq(yaml_read_one(arena, STR("a: 1\na: 2\na: 3\n"), &limits, &root, &err), -ERR_SYNTAX);
    cr_assert_str_eq(err.text, "2:1: key 'a' is already there, at line 1");
    cr_assert_eq(yaml_read_one(arena, STR("# none\n"), &limits, &root, &err), -ERR_SYNTAX);
    cr_assert_str_eq(err.text, "1:1: there is no document");
    cr_assert_eq(yaml_read_one(arena, STR("a\n---\nb\n"), &limits, &root, &err), -ERR_SYNTAX);
    cr_assert_str_eq(err.text, "3:1: there is more than one document");
    cr_assert_null(root);
    arena_free(arena);
}
