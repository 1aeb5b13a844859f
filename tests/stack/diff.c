#include "stack/diff.h"

#include "base/crypto.h"
#include "base/json.h"

#include <criterion/criterion.h>

static struct arena *arena;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(stack_diff, .init = setup, .fini = teardown);

static struct artifact artifact(const char *name, const char *type, const char *text)
{
    struct artifact made = {.name = name, .component = "c", .media_type = type, .text = str_from(text)};
    crypto_sha256_hex(made.text, made.sha256);
    return made;
}

static struct stack_diff compare(const char *type, const char *from, const char *to)
{
    struct artifact *older = arena_alloc(arena, sizeof *older), *newer = arena_alloc(arena, sizeof *newer);
    *older = artifact("x", type, from);
    *newer = artifact("x", type, to);
    struct stack a = {.artifacts = older, .count = 1}, b = {.artifacts = newer, .count = 1};
    struct stack_diff diff;
    stack_diff_make(arena, &a, &b, &diff);
    return diff;
}

static const char *shown(const json_t *value)
{
    struct buf *text = buf_new(arena);
    if (!value)
        return "-";
    json_write(text, value);
    return buf_text(text);
}

/* Each path as "object|pointer: from > to;". */
static const char *paths(const char *type, const char *from, const char *to)
{
    struct stack_diff diff = compare(type, from, to);
    struct buf *out = buf_new(arena);
    for (size_t i = 0; diff.len && i < diff.items[0].path_count; i++) {
        const struct stack_path *path = &diff.items[0].paths[i];
        buf_addf(out, "%s%s%s: %s > %s;", path->object ? path->object : "", path->object ? "|" : "", path->pointer,
                 shown(path->from), shown(path->to));
    }
    return buf_text(out);
}

static const char *yaml(const char *from, const char *to)
{
    return paths("application/yaml", from, to);
}

Test(stack_diff, artifacts_that_come_go_and_change_are_told_apart)
{
    struct artifact older[] = {artifact("gone", "text/plain", "g\n"), artifact("same", "text/plain", "s\n"),
                               artifact("other", "text/plain", "1\n")},
                    newer[] = {artifact("other", "text/plain", "2\n"), artifact("same", "text/plain", "s\n"),
                               artifact("new", "text/plain", "n\n")};
    struct stack from = {.artifacts = older, .count = 3}, to = {.artifacts = newer, .count = 3};
    struct stack_diff diff;
    struct buf *text = buf_new(arena);
    stack_diff_make(arena, &from, &to, &diff);
    cr_assert_eq(diff.len, 3);
    cr_assert(diff.added == 1 && diff.removed == 1 && diff.changed == 1);
    stack_diff_write_text(&diff, text);
    cr_assert_str_eq(buf_text(text), "--- a/other\n+++ b/other\n@@ -1 +1 @@\n-1\n+2\n"
                                     "--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+n\n"
                                     "--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-g\n");
}

Test(stack_diff, a_stack_and_itself_have_no_difference)
{
    struct stack_diff diff = compare("application/yaml", "a: 1\n", "a: 1\n");
    cr_assert_eq(diff.len, 0);
}

Test(stack_diff, values_are_named_by_their_pointers)
{
    cr_assert_str_eq(yaml("a: {b: 1, c: x}\n", "a: {b: 2, d: [y]}\n"),
                     "/a/b: 1 > 2;/a/c: \"x\" > -;/a/d: - > [\"y\"];");
    cr_assert_str_eq(yaml("a/b: {m~n: no}\n", "a/b: {m~n: \"no\"}\n"), "", "a text in another dress");
    cr_assert_str_eq(yaml("a/b: {m~n: 1}\n", "a/b: {m~n: \"1\"}\n"), "/a~1b/m~0n: 1 > \"1\";");
    cr_assert_str_eq(yaml("a: [1]\n", "a: {b: 1}\n"), "/a: [1] > {\"b\":1};");
    cr_assert_str_eq(yaml("a: 0o17\nb: 010\nc: 0x1f\n", "a: 15\nb: 10\nc: 31\n"), "");
    cr_assert_str_eq(yaml("a: 1e999\n", "a: .inf\n"), "/a: \"1e999\" > \".inf\";");
}

Test(stack_diff, objects_are_matched_by_what_they_are)
{
    static const char one[] = "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: n}\nport: 1\n",
                      other[] = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n";
    const char *from = arena_printf(arena, "%s---\n%s", one, other),
               *to = arena_printf(arena, "%s---\n%s", other,
                                  "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: n}\nport: 2\n");
    cr_assert_str_eq(yaml(from, to), "v1 Service n/a|/port: 1 > 2;");
    cr_assert_str_eq(yaml(from, one), "apps/v1 Deployment a|: {\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\","
                                      "\"metadata\":{\"name\":\"a\"}} > -;");
    cr_assert_str_eq(yaml("a: 1\n---\nb: 2\n", "a: 1\n---\nb: 3\n"), "document 2|/b: 2 > 3;");
}

Test(stack_diff, named_items_of_a_list_are_matched_by_their_names)
{
    static const char from[] = "env: [{name: A, value: 1}, {name: B, value: 2}]\n";
    cr_assert_str_eq(yaml(from, "env: [{name: 0, value: 0}]\n"),
                     "/env/0/name: \"A\" > 0;/env/0/value: 1 > 0;/env/1: {\"name\":\"B\",\"value\":2} > -;");
    cr_assert_str_eq(yaml(from, "env: [{name: Z, value: 0}, {name: A, value: 1}, {name: B, value: 3}]\n"),
                     "/env/2/value: 2 > 3;/env/0: - > {\"name\":\"Z\",\"value\":0};");
    cr_assert_str_eq(yaml(from, "env: [{name: B, value: 2}]\n"), "/env/0: {\"name\":\"A\",\"value\":1} > -;");
    cr_assert_str_eq(yaml("l: [{name: a}, {name: b}]\n", "l: [{name: b}, {name: a}]\n"),
                     "/l: [{\"name\":\"a\"},{\"name\":\"b\"}] > [{\"name\":\"b\"},{\"name\":\"a\"}];");
    cr_assert_str_eq(yaml("l: [{name: a, v: 1}, {name: a, v: 2}]\n", "l: [{name: a, v: 1}, {name: a, v: 3}]\n"),
                     "/l/1/v: 2 > 3;", "two of one name have places alone");
}

Test(stack_diff, other_lists_are_compared_without_what_is_alike_at_their_ends)
{
    cr_assert_str_eq(yaml("a: [x, y, z]\n", "a: [x, z]\n"), "/a/1: \"y\" > -;");
    cr_assert_str_eq(yaml("a: [x, z]\n", "a: [x, new, z]\n"), "/a/1: - > \"new\";");
    cr_assert_str_eq(yaml("a: [x, y, z]\n", "a: [x, Y, z]\n"), "/a/1: \"y\" > \"Y\";");
}

Test(stack_diff, what_is_no_tree_has_a_text_alone)
{
    cr_assert_str_eq(paths("text/x-python", "a = 1\n", "a = 2\n"), "");
    cr_assert_str_eq(paths("application/json", "{\"a\": 1}", "{\"a\": 2}"), "/a: 1 > 2;");
    struct stack_diff diff = compare("application/yaml", "a: 1\n", "# why\na: 1\n");
    cr_assert_eq(diff.items[0].path_count, 0);
    cr_assert_eq(diff.items[0].lines_added, 1);
}
