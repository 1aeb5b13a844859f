#include "base/file.h"
#include "cli/command.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/yellow-template-XXXXXX";

static void put(const char *name, const char *text)
{
    struct err err = {0};
    cr_assert_eq(file_write(name, str_from(text), 0644, &err), 0, "%s", err.text);
}

static void setup(void)
{
    struct err err = {0};
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    cr_assert_eq(file_make_dirs("lib/sub", 0755, &err), 0, "%s", err.text);
    put("outside.j2", "outside");
    put("lib/sub/part.j2", "[{{ port + 1 }}]");
    cr_assert_eq(symlink("../outside.j2", "lib/link.j2"), 0);
    cr_assert_eq(symlink("sub", "lib/dir"), 0);
    cr_redirect_stdout();
    cr_redirect_stderr();
}

static void teardown(void)
{
    struct err err;
    cr_assert_eq(chdir("/"), 0);
    cr_assert_eq(file_remove_tree(folder, &err), 0);
}

TestSuite(cli_template, .init = setup, .fini = teardown);

static int template_command(const char *const *words)
{
    char *argv[16] = {(char *)"yellow", (char *)"template"};
    int argc = 2;
    for (; *words; words++)
        argv[argc++] = (char *)*words;
    return command_main(argc, argv);
}
#define TEMPLATE(...) template_command((const char *const[]){__VA_ARGS__, NULL})

Test(cli_template, renders_a_yaml_context_with_its_types)
{
    put("t.j2", "{{ name }} {{ port + 1 }} {{ ratio }} {{ on is sameas true }} {{ none is none }} {{ list | join }}\n"
                "{{ quoted + '!' }} {{ map.x }} {{ hex }}\n");
    put("c.yaml", "name: crm\nport: 5432\nratio: 1e3\non: true\nnone: ~\nlist: [a, 1]\nquoted: '7'\nmap: {x: -.inf}\n"
                  "hex: 0x1F\n");
    cr_assert_eq(TEMPLATE("t.j2", "--context", "c.yaml"), 0);
    cr_assert_stdout_eq_str("crm 5433 1000.0 True True a1\n7! -inf 31");
}

Test(cli_template, reads_as_yaml_what_only_looks_like_json_or_is_beyond_it)
{
    put("t.j2", "{{ a }} {{ b }}");
    put("c.json", "{a: 1, b: x}");
    cr_assert_eq(TEMPLATE("t.j2", "--context", "c.json"), 0);
    put("c.json", "{\"a\": 18446744073709551616, \"b\": [-1]}");
    cr_assert_eq(TEMPLATE("t.j2", "--context", "c.json"), 0);
    put("c.json", "{\"a\": 1, \"a\": 2}");
    cr_assert_eq(TEMPLATE("t.j2", "--context", "c.json"), 1);
    cr_assert_stdout_eq_str("1 x18446744073709551616 [-1]");
    cr_assert_stderr_eq_str("yellow: c.json: 1:10: key 'a' is already there, at line 1\n");
}

Test(cli_template, renders_a_json_context)
{
    put("t.j2", "{% for k, v in o.items() %}{{ k }}={{ v }};{% endfor %}\n");
    put("c.json", "{\"o\": {\"z\": \"\\u00e9\\/\", \"a\": [1.5, null]}}");
    cr_assert_eq(TEMPLATE("t.j2", "--context", "c.json", "--keep-trailing-newline"), 0);
    cr_assert_stdout_eq_str("z=\xc3\xa9/;a=[1.5, None];\n");
}

Test(cli_template, takes_a_flow_mapping_for_yaml)
{
    put("t.j2", "{{ a }}");
    put("c.yaml", "{a: 1}");
    cr_assert_eq(TEMPLATE("t.j2", "--context", "c.yaml"), 0);
    cr_assert_stdout_eq_str("1");
}

Test(cli_template, set_wins_over_the_context_and_reads_a_scalar)
{
    put("t.j2", "{{ a + 1 }} {{ b }} {{ c is none }} {{ d }}");
    put("c.yaml", "a: 1\nb: x\n");
    cr_assert_eq(TEMPLATE("t.j2", "--context=c.yaml", "--set=a=41", "--set=c=", "--set=d=x=y"), 0);
    cr_assert_stdout_eq_str("42 x True x=y");
}

Test(cli_template, options_reach_the_engine)
{
    put("t.j2", "  {% if true %}\n<{{ '<' }}{{ gone }}>\n  {% endif %}\n");
    cr_assert_eq(TEMPLATE("t.j2", "--undefined=lenient", "--autoescape", "--trim-blocks", "--lstrip-blocks"), 0);
    cr_assert_stdout_eq_str("<&lt;>\n");
}

Test(cli_template, an_undefined_value_is_an_error_with_its_place_and_writes_nothing)
{
    put("t.j2", "one\n{{ gone }}");
    cr_assert_eq(TEMPLATE("t.j2"), 1);
    (void)fflush(stderr);
    cr_assert_stderr_eq_str("yellow: t.j2:2:4: 'gone' is undefined\n    {{ gone }}\n");
    cr_assert_stdout_eq_str("");
}

Test(cli_template, includes_come_from_their_folder)
{
    put("t.j2", "a{% include 'sub/part.j2' %}");
    cr_assert_eq(TEMPLATE("t.j2", "--include", "lib", "--set", "port=1"), 0);
    cr_assert_stdout_eq_str("a[2]");
}

static void refused(const char *name, const char *hint)
{
    char expected[400], text[200];
    (void)snprintf(text, sizeof text, "{%% include '%s' %%}", name);
    put("t.j2", text);
    cr_assert_eq(TEMPLATE("t.j2", "--include", "lib"), 1);
    (void)snprintf(expected, sizeof expected, "yellow: t.j2:1:4: no template '%s'\n    %s\nhint: %s\n", name, text,
                   hint);
    (void)fflush(stderr);
    cr_assert_stderr_eq_str(expected);
}

#define REFUSED(test, name, hint)                                                                                      \
    Test(cli_template, test)                                                                                           \
    {                                                                                                                  \
        refused(name, hint);                                                                                           \
    }
static const char path_rule[] = "a name is a path below the folder of --include, without empty parts, '.' and '..'";
REFUSED(a_name_does_not_go_up, "../outside.j2", path_rule)
REFUSED(a_name_does_not_go_up_in_the_middle, "sub/../../outside.j2", path_rule)
REFUSED(a_name_is_not_absolute, "/etc/hostname", path_rule)
REFUSED(a_link_is_not_followed, "link.j2", "symbolic links are not followed")
REFUSED(a_link_to_a_folder_is_not_followed, "dir/part.j2", "symbolic links are not followed")
REFUSED(a_folder_is_no_template, "sub", "it is not a regular file")

Test(cli_template, without_a_folder_there_are_no_includes)
{
    put("t.j2", "{% include 'sub/part.j2' %}");
    cr_assert_eq(TEMPLATE("t.j2"), 1);
    (void)fflush(stderr);
    cr_assert_stderr_eq_str("yellow: t.j2:1:4: no template 'sub/part.j2'\n    {% include 'sub/part.j2' %}\n"
                            "hint: without --include there are no other templates\n");
}

Test(cli_template, a_context_is_a_mapping)
{
    put("t.j2", "");
    put("c.yaml", "- 1\n");
    cr_assert_eq(TEMPLATE("t.j2", "--context=c.yaml"), 1);
    (void)fflush(stderr);
    cr_assert_stderr_eq_str("yellow: c.yaml: a context is a mapping of names to values\n");
}

Test(cli_template, a_wrong_option_is_a_usage_error)
{
    put("t.j2", "");
    cr_assert_eq(TEMPLATE("t.j2", "--undefined=loose"), 2);
    cr_assert_eq(TEMPLATE("t.j2", "--set=1=2"), 2);
    cr_assert_eq(TEMPLATE("t.j2", "--set=a"), 2);
    cr_assert_eq(TEMPLATE("-", "--context=-"), 2);
    cr_assert_eq(TEMPLATE("gone.j2"), 1);
}
