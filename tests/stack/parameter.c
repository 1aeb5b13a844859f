#include "stack/parameter.h"

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

TestSuite(parameter, .init = setup, .fini = teardown);

static const struct yaml_limits limits = {.bytes = 4096, .depth = 16, .nodes = 200};

static int read_text(const char *text, struct parameters *out, struct err *err)
{
    struct yaml_node *root;
    cr_assert_eq(yaml_read_one(arena, str_from(text), &limits, &root, err), 0, "%s", err->text);
    return parameters_read(arena, "c.yaml", root, out, err);
}

static struct parameter of_type(const char *type)
{
    struct parameters read;
    struct err err = {0};
    const char *text = arena_printf(arena, "- {name: p, type: %s, doc: d%s}", type,
                                    strcmp(type, "enum") == 0 ? ", values: [a, b]" : "");
    cr_assert_eq(read_text(text, &read, &err), 0, "%s", err.text);
    return read.items[0];
}

static bool accepts(const char *type, const char *json)
{
    struct parameter parameter = of_type(type);
    json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
    cr_assert_not_null(value, "%s", json);
    return parameter_accepts(&parameter, json_own(arena, value));
}

Test(parameter, each_type_takes_what_it_means_and_nothing_else)
{
    static const struct {
        const char *type, *yes[3], *no[7];
    } cases[] = {
        {"k8s-name", {"\"a\"", "\"a-1\""}, {"\"\"", "\"A\"", "\"-a\"", "\"a-\"", "\"a.b\"", "\"a\\nb\"", "1"}},
        {"namespace", {"\"yellow-ny\""}, {"\"yellow_ny\"", "\"a: b\"", "\"{{ a }}\""}},
        {"hostname", {"\"db.example.net\"", "\"db\""}, {"\"db..net\"", "\"db.\"", "\".db\"", "\"db net\"", "5"}},
        {"port", {"1", "65535"}, {"0", "65536", "-1", "\"80\"", "1.5"}},
        {"quantity", {"\"256Mi\"", "\"500m\"", "\"2\""}, {"\"0\"", "\"-1\"", "\"256 Mi\"", "\"\"", "2"}},
        {"storage", {"\"20Gi\""}, {"\"big\"", "\"20Gi \""}},
        {"storage-class", {"\"longhorn\"", "\"a.b\""}, {"\"Longhorn\"", "\"a#b\""}},
        {"image",
         {"\"registry.example.net:5000/a/b:1.0\"", "\"a@sha256:ff\""},
         {"\"\"", "\"a b\"", "\"-a\"", "\"a\\\"b\""}},
        {"pull-policy", {"\"Always\"", "\"Never\""}, {"\"always\"", "\"\""}},
        {"credential", {"\"crm-reader\""}, {"\"crm.reader\"", "\"1\""}},
        {"string", {"\"\"", "\"a: b # c {{ d }} '\""}, {"\"a\\nb\"", "\"\\u007f\"", "1"}},
        {"integer", {"-5", "0"}, {"1.5", "\"1\""}},
        {"boolean", {"true", "false"}, {"\"true\"", "1"}},
        {"enum", {"\"a\"", "\"b\""}, {"\"c\"", "\"\"", "1"}},
        {"list", {"[]", "[1]"}, {"{}", "\"\""}},
        {"map", {"{}", "{\"a\":1}"}, {"[]", "1"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t j = 0; j < 3 && cases[i].yes[j]; j++)
            cr_assert(accepts(cases[i].type, cases[i].yes[j]), "%s %s", cases[i].type, cases[i].yes[j]);
        for (size_t j = 0; j < 7 && cases[i].no[j]; j++)
            cr_assert_not(accepts(cases[i].type, cases[i].no[j]), "%s %s", cases[i].type, cases[i].no[j]);
    }
}

Test(parameter, an_optional_one_may_be_null_and_a_required_one_may_not)
{
    struct parameters read;
    struct err err = {0};
    cr_assert_eq(
        read_text("- {name: a, type: port, doc: d}\n- {name: b, type: port, required: true, doc: d}", &read, &err), 0);
    cr_assert(parameter_accepts(&read.items[0], json_null()));
    cr_assert_not(parameter_accepts(&read.items[1], json_null()));
}

Test(parameter, a_declaration_that_cannot_be_meant_is_refused_with_its_line)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"- {name: a, type: port}", "c.yaml:1: a parameter needs name, type and doc"},
        {"- {name: a, type: prot, doc: d}", "c.yaml:1: parameter a: there is no type prot"},
        {"- {name: a, type: enum, doc: d}", "c.yaml:1: parameter a: values: goes with type enum, and only there"},
        {"- {name: a, type: port, doc: d, values: [1]}",
         "c.yaml:1: parameter a: values: goes with type enum, and only there"},
        {"- {name: a, type: port, doc: d}\n- {name: a, type: port, doc: d}", "c.yaml:2: parameter a is declared twice"},
        {"\n- {name: a, type: port, doc: d, default: 0}",
         "c.yaml:2: parameter a: its default is not a port (1 to 65535)"},
        {"{a: 1}", "c.yaml:1: parameters is a list"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct parameters read;
        struct err err = {0};
        cr_assert_eq(read_text(cases[i].text, &read, &err), -ERR_SYNTAX);
        cr_assert_str_eq(err.text, cases[i].error);
    }
}
