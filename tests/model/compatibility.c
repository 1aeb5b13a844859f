#include "model/compatibility.h"

#include "support.h"

#include <stdlib.h>

/* Every base type, some with other numbers, and arrays. */
static const char *const types[] = {"int8",
                                    "int16",
                                    "int32",
                                    "int64",
                                    "float16",
                                    "float32",
                                    "float64",
                                    "decimal(10,2)",
                                    "decimal(12,2)",
                                    "decimal(12,4)",
                                    "decimal(10,4)",
                                    "decimal(10,0)",
                                    "boolean",
                                    "date",
                                    "time",
                                    "timestamp",
                                    "timestamptz",
                                    "interval",
                                    "char(5)",
                                    "char(9)",
                                    "varchar(5)",
                                    "varchar(9)",
                                    "text",
                                    "uuid",
                                    "json",
                                    "binary",
                                    "vector(3)",
                                    "vector(4)",
                                    "geography",
                                    "array<int32>",
                                    "array<int64>",
                                    "array<varchar(5)>",
                                    "array<text>",
                                    "array<timestamp>",
                                    "array<timestamptz>"};

/* All that is allowed beside staying the same. */
static const char *const allowed[][2] = {
    {"int8", "int16"},
    {"int8", "int32"},
    {"int8", "int64"},
    {"int16", "int32"},
    {"int16", "int64"},
    {"int32", "int64"},
    {"float16", "float32"},
    {"float16", "float64"},
    {"float32", "float64"},
    {"decimal(10,0)", "decimal(12,2)"}, /* ten digits before the point in both */
    {"decimal(10,2)", "decimal(12,2)"},
    {"decimal(10,2)", "decimal(12,4)"},
    {"decimal(10,4)", "decimal(12,4)"},
    {"varchar(5)", "varchar(9)"},
    {"varchar(5)", "text"},
    {"varchar(9)", "text"},
    {"array<int32>", "array<int64>"},
    {"array<varchar(5)>", "array<text>"},
};

static bool is_allowed(const char *from, const char *to)
{
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (strcmp(allowed[i][0], from) == 0 && strcmp(allowed[i][1], to) == 0)
            return true;
    return strcmp(from, to) == 0;
}

static enum effect change(const char *from, const char *to, const char **why)
{
    struct datatype a, b;
    cr_assert_eq(datatype_parse(str_from(from), &a, ERR_IGNORED), 0, "%s", from);
    cr_assert_eq(datatype_parse(str_from(to), &b, ERR_IGNORED), 0, "%s", to);
    return datatype_change(&a, &b, why);
}

Test(compatibility, every_pair_of_types_is_allowed_or_breaks_with_a_reason)
{
    size_t count = sizeof types / sizeof *types;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            const char *why;
            enum effect effect = change(types[i], types[j], &why);
            cr_expect_eq(effect, is_allowed(types[i], types[j]) ? EFFECT_ALLOWED : EFFECT_BREAKING, "%s -> %s",
                         types[i], types[j]);
            cr_expect_eq(why != NULL, effect == EFFECT_BREAKING, "%s -> %s", types[i], types[j]);
        }
}

Test(compatibility, every_base_type_is_among_those_that_are_compared)
{
    for (int base = 0; base < TYPE_BASE_COUNT; base++) {
        bool found = false;
        for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
            struct datatype type;
            found = found ||
                    (datatype_parse(str_from(types[i]), &type, ERR_IGNORED) == 0 && type.base == (enum type_base)base);
        }
        cr_expect(found, "%s", type_infos[base].name);
    }
}

Test(compatibility, a_type_that_breaks_says_what_is_lost)
{
    static const char *const cases[][3] = {
        {"int64", "int32", "not all values fit any more"},
        {"varchar(9)", "varchar(5)", "longer values do not fit any more"},
        {"text", "varchar(9)", "not all values fit any more"},
        {"decimal(12,4)", "decimal(12,2)", "digits after the point are lost"},
        {"decimal(10,2)", "decimal(10,4)", "large values do not fit any more"},
        {"timestamp", "timestamptz", "a time with a zone and one without are different times"},
        {"timestamptz", "timestamp", "a time with a zone and one without are different times"},
        {"char(5)", "char(9)", "its length is part of its values"},
        {"int32", "text", "it is another type to its readers"},
        {"int32", "array<int32>", "a single value is no list"},
        {"array<int32>", "int32", "a list is no single value"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *why = NULL;
        cr_expect_eq(change(cases[i][0], cases[i][1], &why), EFFECT_BREAKING);
        cr_expect_str_eq(why ? why : "nothing", cases[i][2], "%s -> %s", cases[i][0], cases[i][1]);
    }
}

#define BASE                                                                                                           \
    "kind: Datastore\nname: s\nteam: a/b\nproduction: true\ncapture: {type: sql-snapshot, container: c, schedule: "    \
    "external}\ndatasets:\n"                                                                                           \
    "  - name: used\n    classification: PUB\n    columns:\n"                                                          \
    "      - {name: a, type: int32, key: true}\n      - {name: b, type: int32, key: true}\n"                           \
    "      - {name: c, type: varchar(9)}\n      - {name: d, type: date, nullable: true}\n"                             \
    "  - name: unused\n    classification: PUB\n    columns:\n      - {name: a, type: int32, key: true}\n---\n"
#define READERS                                                                                                        \
    "kind: Workspace\nname: w\nteam: a/b\ngroups:\n  - {name: g, platform: {name: L}, sinks: [{store: s, dataset: "    \
    "used}]}\n  - {name: h, platform: {name: M}, sinks: [{store: s, dataset: used}]}\n---\n"                           \
    "kind: Workspace\nname: x\nteam: a/b\ngroups: [{name: g, platform: {name: L}, sinks: [{store: s, dataset: "        \
    "used}]}]\n"

static char *with(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    cr_assert_not_null(at, "there is no \"%s\"", from);
    struct buf out = {0};
    buf_add(&out, text, (size_t)(at - text));
    buf_adds(&out, to);
    buf_adds(&out, at + strlen(from));
    return buf_take(&out);
}

/* One change a line: code, pointer, text. */
static void expect_texts(const char *before, const char *after, const char *expected)
{
    struct fixture a = support_load(before, NULL), b = support_load(after, NULL);
    support_expect(&a, "");
    support_expect(&b, "");
    struct compat_changes changes = compatibility_of(a.arena, a.model, b.model);
    struct buf out = {0};
    vec_each(one, &changes)
    {
        buf_addf(&out, "%s %s %s\n", checks[one->code].code, one->pointer, one->text);
        cr_expect_eq(one->users.len, 2);
        cr_expect_eq(compat_find(&changes, "s", one->pointer)->effect, one->effect);
    }
    cr_expect_str_eq(buf_text(&out), expected);
    buf_dispose(&out);
    support_end(&a);
    support_end(&b);
}

static void expect(const char *from, const char *to, const char *expected)
{
    char *after = with(BASE READERS, from, to);
    expect_texts(BASE READERS, after, expected);
    free(after);
}

Test(compatibility, every_change_of_a_dataset_in_use_is_judged)
{
    expect(
        "varchar(9)", "varchar(5)",
        "breaking-type /datasets/used/columns/c/type column \"c\" of s.used becomes varchar(5), and was varchar(9)\n");
    expect("varchar(9)", "text", "");
    expect("      - {name: c, type: varchar(9)}\n", "",
           "breaking-column /datasets/used/columns/c column \"c\" of s.used is removed\n");
    expect("name: c, type", "name: e, type",
           "breaking-column /datasets/used/columns/c column \"c\" of s.used is removed\n"
           "breaking-new-column /datasets/used/columns/e column \"e\" of s.used is new and not nullable\n");
    expect("      - {name: d,", "      - {name: e, type: text, nullable: true}\n      - {name: d,", "");
    expect("      - {name: d,", "      - {name: e, type: text}\n      - {name: d,",
           "breaking-new-column /datasets/used/columns/e column \"e\" of s.used is new and not nullable\n");
    expect("type: date, nullable: true", "type: date",
           "breaking-not-null /datasets/used/columns/d/nullable column \"d\" of s.used becomes not null\n");
    expect("type: varchar(9)", "type: varchar(9), nullable: true",
           "now-nullable /datasets/used/columns/c/nullable column \"c\" of s.used becomes nullable\n");
    expect("name: b, type: int32, key: true", "name: b, type: int32",
           "breaking-key /datasets/used/columns/b/key the key of s.used becomes (a), and was (a, b)\n");
    expect("{name: a, type: int32, key: true}\n      - {name: b,",
           "{name: b, type: int32, key: true}\n      - {name: a,",
           "breaking-key /datasets/used/columns the key of s.used becomes (b, a), and was (a, b)\n");
    expect("{name: c, type: varchar(9)}\n      - {name: d, type: date, nullable: true}",
           "{name: d, type: date, nullable: true}\n      - {name: c, type: varchar(9)}", "");
    expect("classification: PUB", "classification: PC1",
           "breaking-classification /datasets/used/classification dataset s.used is classified PC1, and was PUB\n");
    expect(
        "    classification: PUB\n    columns:\n      - {name: a, type: int32, key: true}\n      - {name: b, type: "
        "int32, key: true}\n      - {name: c, type: varchar(9)}\n      - {name: d,",
        "    columns:\n      - {name: a, type: int32, key: true, classification: PUB}\n      - {name: b, type: int32, "
        "key: true, classification: PUB}\n      - {name: c, type: varchar(9), classification: PC1}\n      - {name: "
        "d, classification: PUB,",
        "breaking-classification /datasets/used/columns/c/classification column \"c\" of s.used is classified PC1, "
        "and was PUB\n");
    expect("  - name: used\n", "  - name: renamed\n", "breaking-removal /datasets/used dataset s.used is removed\n");
    expect("name: s\nteam", "name: t\nteam", "breaking-removal  dataset s.used is removed\n");
    expect("  - name: used\n", "  - name: used\n    deprecated: true\n", "");
    expect("production: true\n", "", "");
}

Test(compatibility, what_nobody_reads_may_change_as_it_likes)
{
    expect("  - name: unused\n    classification: PUB\n    columns:\n      - {name: a, type: int32, key: true}\n", "",
           "");
    expect("  - name: unused\n    classification: PUB\n    columns:\n      - {name: a, type: int32, key: true}\n",
           "  - name: unused\n    classification: PC1\n    columns:\n      - {name: z, type: json}\n", "");
    expect_texts(BASE, "kind: Credential\nname: c\ntype: token\n", "");
    struct fixture b = support_load(BASE, NULL);
    cr_expect_eq(compatibility_of(b.arena, NULL, b.model).len, 0);
    support_end(&b);
}

Test(compatibility, who_reads_is_asked_of_the_model_in_force)
{
    /* the last reader leaves and the dataset goes in one commit: its reader had no version to leave in */
    expect_texts(BASE READERS, "kind: Credential\nname: c\ntype: token\n",
                 "breaking-removal  dataset s.used is removed\n");
    /* a workspace that reads what it makes itself is no reader of it */
    static const char own[] = "kind: Datastore\nname: s\nteam: a/b\ndatasets:\n  - {name: used, columns: [{name: a, "
                              "type: int32, key: true}]}\n---\n"
                              "kind: Workspace\nname: w\nteam: a/b\ngroups:\n  - {name: g, platform: {name: L}, sinks: "
                              "[{store: s, dataset: used}]}\n"
                              "transformer: {name: t, code: {type: sql, file: transforms/mask.sql}, output: s}\n";
    expect_texts(own, "kind: Credential\nname: c\ntype: token\n", "");
}

Test(compatibility, a_finding_names_readers_and_what_to_do)
{
    char *after = with(BASE READERS, "varchar(9)", "varchar(5)");
    struct fixture a = support_load(BASE READERS, NULL), b = support_load(after, NULL);
    struct compat_changes changes = compatibility_of(b.arena, a.model, b.model);
    compatibility_report(&changes, false, NULL, &b.findings);
    support_expect(&b,
                   "a.yaml:12:9: error: column \"c\" of s.used becomes varchar(5), and was varchar(9): longer values "
                   "do not fit any more [breaking-type]\n"
                   "  hint: Workspace w, x reads it; keep the type, or add a column of the other type\n");
    b.findings = (struct findings){.arena = b.arena};
    compatibility_report(&changes, false, "beef", &b.findings);
    cr_expect_str_eq(b.findings.list.items[0].hint,
                     "Workspace w, x reads it; keep the type, or add a column of the other "
                     "type; or approve plan beef");
    b.findings = (struct findings){.arena = b.arena};
    compatibility_report(&changes, true, "beef", &b.findings);
    support_expect(&b, "");
    support_end(&a);
    support_end(&b);
    free(after);
}
