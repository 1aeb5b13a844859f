#include "stack/media.h"

#include <criterion/criterion.h>

static struct arena *arena;
static struct map objects;

static void setup(void)
{
    arena = arena_new();
    objects = (struct map){.arena = arena};
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(media, .init = setup, .fini = teardown);

static const char *check(const char *type, const char *text)
{
    static struct err err;
    err = (struct err){0};
    struct media_objects found;
    int rc = media_check(arena, type, "a", str_from(text), &found, &err);
    return rc == 0 && media_claim(arena, "a", &found, &objects, &err) == 0 ? "" : err.text;
}

Test(media, each_type_is_checked_in_its_own_way)
{
    static const struct {
        const char *type, *text, *error;
    } cases[] = {
        {"application/yaml", "a: 1\n---\nb: 2\n", ""},
        {"application/yaml", "", ""},
        {"application/yaml", "- 1\n", "artifact a: document 1 is not a map"},
        {"application/json", "{\"a\": 1}", ""},
        {"text/plain", "any: [thing\n", ""},
        {"text/plain", "a\x01", "artifact a, line 1: a control character"},
        {"text/plain", "\xff", "artifact a is not UTF-8"},
        {"text/x-systemd-unit", "[Unit]\n# c\nA=b c\n\n[Service]\nExecStart=/bin/x --y=z\n", ""},
        {"text/x-systemd-unit", "A=b\n", "artifact a, line 1: neither a section, nor KEY=VALUE, nor a comment"},
        {"text/x-systemd-unit", "[Unit]\nrm -rf\n",
         "artifact a, line 2: neither a section, nor KEY=VALUE, nor a comment"},
        {"text/x-systemd-unit", "[Unit]\nA=b\\\nC=d",
         "artifact a, line 2: neither a section, nor KEY=VALUE, nor a comment"},
        {"text/x-python", "a = {'x': [1, (2)]}  # it's\n\"\"\"doc ' ( \n\"\"\"\nb = 'it\\'s'\n", ""},
        {"text/x-python", "a = 'x\n'", "artifact a, line 1: a string without an end"},
        {"text/x-python", "a = 1\nb = (1]\n", "artifact a, line 2: a ']' that closes nothing"},
        {"text/x-python", "a = (1,\n", "artifact a: a ')' is missing at its end"},
        {"text/x-python", "\"\"\"\na", "artifact a, line 1: a string without an end"},
        {"image/png", "", "artifact a: there is no media type image/png"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_str_eq(check(cases[i].type, cases[i].text), cases[i].error, "%s", cases[i].text);
}

Test(media, two_kubernetes_objects_of_one_name_are_refused)
{
    static const char pod[] = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: n}\n";
    cr_assert_str_eq(check("application/yaml", pod), "");
    cr_assert_str_eq(check("application/yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: m}\n"), "");
    cr_assert_str_eq(check("application/yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: p, namespace: n}\n"),
                     "");
    cr_assert_str_eq(check("application/yaml", pod), "artifact a, line 1: the Pod p is in a already");
    cr_assert_str_eq(check("application/yaml", "apiVersion: v1\nkind: Pod\n"),
                     "artifact a, line 1: a Pod without a name");
}
