#include "template/template.h"

#include <criterion/criterion.h>

struct source {
    const char *name, *text;
};

static bool load(void *ctx, const char *name, struct str *text)
{
    for (const struct source *s = ctx; s && s->name; s++) {
        if (strcmp(s->name, name) == 0) {
            *text = str_from(s->text);
            return true;
        }
    }
    return false;
}

static const char *render_with(struct arena *arena, const struct source *sources, const char *text, struct err *err)
{
    struct template_env *env =
        template_env_new(&(struct template_options){.load = load, .load_ctx = (void *)(uintptr_t)sources});
    struct buf *out = buf_new(arena);
    *err = (struct err){0};
    int rc = template_render_text(env, "t", str_from(text), value_dict(arena), out, err);
    template_env_free(env);
    return rc == 0 ? buf_text(out) : NULL;
}

/* Rendering fails with exactly that text. */
static void fails(const char *text, enum err_code code, const char *wanted)
{
    struct arena *arena = arena_new();
    struct err err;
    const char *out = render_with(arena, NULL, text, &err);
    cr_assert_null(out, "rendered %s", out);
    cr_assert_eq(err.code, code, "%s", err.text);
    cr_assert_str_eq(err.text, wanted);
    arena_free(arena);
}

static void gives(const char *text, const char *wanted)
{
    struct arena *arena = arena_new();
    struct err err;
    const char *out = render_with(arena, NULL, text, &err);
    cr_assert_not_null(out, "%s", err.text);
    cr_assert_str_eq(out, wanted);
    arena_free(arena);
}

Test(render, an_error_names_template_line_and_column_and_shows_the_line)
{
    fails("a\n  {{ x }}\n", ERR_INVALID, "t:2:6: 'x' is undefined\n      {{ x }}");
    fails("{% if %}", ERR_SYNTAX, "t:1:7: expected an expression, got 'end of statement block'\n    {% if %}");
    fails("{{ 1 / 0 }}", ERR_INVALID, "t:1:6: division by zero\n    {{ 1 / 0 }}");
    fails("{% for x in y %}", ERR_SYNTAX,
          "t:1:17: unexpected end of template, looking for 'endfor' or 'else'; the innermost block that needs to be "
          "closed is 'for'\n    {% for x in y %}");
}

Test(render, a_name_with_a_nul_is_no_other_name)
{
    fails("{{ [1]|select('in\\x00', [1])|list }}", ERR_INVALID,
          "t:1:8: no test named 'in'\n    {{ [1]|select('in\\x00', [1])|list }}");
    fails("{{ [1]|map('upper\\x00more')|list }}", ERR_INVALID,
          "t:1:8: no filter named 'upper'\n    {{ [1]|map('upper\\x00more')|list }}");
}

Test(render, an_error_in_an_included_template_shows_the_chain)
{
    static const struct source sources[] = {{"a", "{% include 'b' %}"},
                                            {"b", "one\n{% import 'c' as c %}{{ c.m() }}"},
                                            {"c", "{% macro m() %}{{ 1 + 'x' }}{% endmacro %}"},
                                            {NULL, NULL}};
    struct arena *arena = arena_new();
    struct err err;
    cr_assert_null(render_with(arena, sources, "{% include 'a' %}", &err));
    cr_assert_str_eq(err.text, "c:1:21: unsupported operand type(s) for +: 'int' and 'str'\n"
                               "    {% macro m() %}{{ 1 + 'x' }}{% endmacro %}\n"
                               "  called from b:2:28\n  included from a:1:4\n  included from t:1:4");
    cr_assert_null(render_with(arena, sources, "{% include 'nope' %}", &err));
    cr_assert_eq(err.code, ERR_NOT_FOUND);
    cr_assert_str_eq(err.text, "t:1:4: no template 'nope'\n    {% include 'nope' %}");
    arena_free(arena);
}

Test(render, no_attribute_reaches_anything_but_data)
{
    fails("{{ ''.__class__ }}", ERR_INVALID,
          "t:1:6: access to attribute '__class__' of 'str' object is unsafe\n    {{ ''.__class__ }}");
    fails("{{ ''['__class__'] }}", ERR_INVALID,
          "t:1:6: access to attribute '__class__' of 'str' object is unsafe\n    {{ ''['__class__'] }}");
    fails("{{ '{0.__class__}'.format(1) }}", ERR_INVALID,
          "t:1:26: access to attribute '__class__' of 'int' object is unsafe\n    {{ '{0.__class__}'.format(1) }}");
}

static void bomb(const struct source *sources, const char *text)
{
    struct arena *arena = arena_new();
    struct err err;
    const char *out = render_with(arena, sources, text, &err);
    cr_assert_null(out, "%s rendered", text);
    cr_assert_eq(err.code, ERR_TOO_LARGE, "%s: %s", text, err.text);
    arena_free(arena);
}

Test(render, nothing_repeated_very_often_is_nothing_at_once)
{
    struct arena *arena = arena_new();
    struct err err;
    cr_assert_str_eq(render_with(arena, NULL, "{{ 922337203685477 * () }}{{ [] * 10**15 }}{{ '' * 10**15 }}", &err),
                     "()[]");
    arena_free(arena);
}

Test(render, a_bomb_reaches_a_bound)
{
    static const struct source self[] = {{"s", "{% include 's' %}"}, {"e", "{% extends 'e' %}"}, {NULL, NULL}};
    bomb(self, "{% include 's' %}");
    bomb(self, "{% extends 'e' %}");
    bomb(NULL, "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}");
    bomb(NULL, "{% for a in range(10**12) %}{% endfor %}");
    bomb(NULL, "{% for a in range(10**12) %}x{% endfor %}");
    bomb(NULL, "{{ range(10**12)|list }}");
    bomb(NULL, "{{ 'x' * 10**9 }}");
    bomb(NULL, "{{ [1] * 10**12 }}");
    bomb(NULL, "{{ '%1000000000d' % 1 }}");
    bomb(NULL, "{{ '{:1000000000}'.format(1) }}");
    bomb(NULL, "{{ 'x'.center(10**9) }}");
    bomb(NULL, "{{ ''|center(10**9) }}");
    bomb(NULL, "{% set n = namespace(s='x') %}{% for i in range(64) %}{% set n.s = n.s ~ n.s %}{% endfor %}");
    bomb(NULL, "{% set l = [1] %}{% for i in range(64) %}{% do l.extend(l) %}{% endfor %}");
    bomb(NULL, "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}");
    bomb(NULL, "{% set x = [] %}{% for a in range(10**9) %}{% do x.append(a) %}{% endfor %}");
}

Test(render, text_that_is_looked_at_again_and_again_reaches_a_bound)
{
    bomb(NULL, "{{ ('a' * 5000000)|wordwrap(1) }}");
    bomb(NULL, "{% set a = 'é' * 4000000 %}{% for i in range(100000) %}{% set q = a|length %}{% endfor %}");
    bomb(NULL, "{% set a = 'a' * 8000000 %}{% for i in range(100000) %}{% set q = a|sha256 %}{% endfor %}");
    bomb(NULL, "{% set a = ' ' * 8000000 %}{% for i in range(100000) %}{% set q = a.strip() %}{% endfor %}");
    bomb(NULL, "{% set a = 'a' * 8000000 %}{% for i in range(100000) %}{% set q = a.startswith(a) %}{% endfor %}");
    bomb(NULL, "{% set a = 'a' * 8000000 %}{% for i in range(100000) %}{% set q = a is lower %}{% endfor %}");
    bomb(NULL, "{% set a = 'a' * 8000000 %}{% for i in range(100000) %}{% set q = {}[a] is defined %}{% endfor %}");
    bomb(NULL, "{% set a = 'a' * 8000000 %}{% set b = 'a' * 8000000 %}{% for i in range(100000) %}{% set q = a == b %}"
               "{% endfor %}");
    bomb(NULL, "{% set a = 'a' * 8000000 %}{% set b = 'a' * 8000000 %}{% for i in range(100000) %}{% set q = a < b %}"
               "{% endfor %}");
    bomb(NULL, "{{ ('a' * 1000000).rfind('a' * 500000 ~ 'b') }}");
    bomb(NULL, "{{ ('a' * 1000000).rsplit('a' * 500000 ~ 'b') }}");
    bomb(NULL, "{{ ('a' * 1000000).strip('b' * 1000000 ~ 'a') }}");
    bomb(NULL, "{{ ('a' * 1000000)|trim('b' * 1000000 ~ 'a') }}");
    bomb(NULL, "{% set a = range(100000)|list %}{% for i in range(100000) %}{% do a.pop(0) %}{% endfor %}");
}

Test(render, a_word_longer_than_many_lines_is_cut_in_one_pass)
{
    struct arena *arena = arena_new();
    struct err err;
    const char *out = render_with(arena, NULL, "{{ ('a' * 100000)|wordwrap(1)|length }}", &err);
    cr_assert_not_null(out, "%s", err.text);
    cr_assert_str_eq(out, "199999");
    out = render_with(arena, NULL, "{{ ('\xce\xa3.' * 100000)|lower|length }}", &err);
    cr_assert_str_eq(out, "200000");
    arena_free(arena);
}

Test(render, values_that_hold_themselves_many_times_are_compared_within_a_bound)
{
    const char *make = "{% set n = namespace(x=[1], y=[1], t=(1,)) %}{% for i in range(50) %}"
                       "{% set n.x = [n.x, n.x] %}{% set n.y = [n.y, n.y] %}{% set n.t = (n.t, n.t) %}{% endfor %}";
    struct arena *arena = arena_new();
    bomb(NULL, arena_printf(arena, "%s{{ n.x == n.y }}", make));
    bomb(NULL, arena_printf(arena, "%s{{ n.x < n.y }}", make));
    bomb(NULL, arena_printf(arena, "%s{{ n.x in [n.y] }}", make));
    bomb(NULL, arena_printf(arena, "%s{{ n.x }}", make));
    bomb(NULL, arena_printf(arena, "%s{{ n.x|tojson }}", make));
    bomb(NULL, arena_printf(arena, "%s{%% set d = {n.t: 1} %%}{{ d }}", make));
    arena_free(arena);
}

Test(render, large_integers_have_a_bound)
{
    bomb(NULL, "{{ 2 ** (10 ** 9) }}");
    bomb(NULL, "{{ (10 ** 9) ** (10 ** 9) }}");
    bomb(NULL, "{% set x = 7 ** 20000 %}{% for i in range(100000) %}{% set y = (x * i) // (x + i) %}{% endfor %}");
    bomb(NULL, "{% set x = 3 ** 9000 %}{% for i in range(100000) %}{% set y = x ~ '' %}{% endfor %}");
    bomb(NULL, "{% set x = '9' * 4300 %}{% for i in range(100000) %}{% set y = x|int %}{% endfor %}");
    bomb(NULL, "{{ '9' * 100000|int }}{{ ('9' * 10000000)|int }}");
}

Test(render, numbers_that_json_has_not_are_yaml_s_words)
{
    gives("{{ [1e999, -1e999, 1e999 - 1e999, 1.5]|to_yaml }}", "- .inf\n- -.inf\n- .nan\n- 1.5");
    gives("{{ (2**70)|to_yaml }} {{ (2**70)|quote_python }} {{ (2**70)|to_json }}",
          "1180591620717411303424 1180591620717411303424 1180591620717411303424");
}

Test(render, nesting_beyond_the_bound_is_a_syntax_error)
{
    struct buf text = {0};
    struct arena *arena = arena_new();
    struct err err;
    buf_adds(&text, "{{ ");
    for (int i = 0; i < 10000; i++)
        buf_addc(&text, '(');
    buf_adds(&text, "1 }}");
    cr_assert_null(render_with(arena, NULL, buf_text(&text), &err));
    cr_assert_eq(err.code, ERR_SYNTAX);
    buf_cut(&text, 3);
    for (int i = 0; i < 10000; i++)
        buf_adds(&text, "1 + ");
    buf_adds(&text, "1 }}");
    cr_assert_null(render_with(arena, NULL, buf_text(&text), &err));
    cr_assert_eq(err.code, ERR_SYNTAX);
    buf_cut(&text, 0);
    for (int i = 0; i < 10000; i++)
        buf_adds(&text, "{% if 1 %}");
    cr_assert_null(render_with(arena, NULL, buf_text(&text), &err));
    cr_assert_eq(err.code, ERR_SYNTAX);
    buf_dispose(&text);
    arena_free(arena);
}

Test(render, nothing_is_appended_when_it_fails)
{
    struct arena *arena = arena_new();
    struct template_env *env = template_env_new(&(struct template_options){0});
    struct buf *out = buf_new(arena);
    struct err err;
    buf_adds(out, "before");
    cr_assert_neq(template_render_text(env, "t", STR("a{{ x }}"), NULL, out, &err), 0);
    cr_assert_str_eq(buf_text(out), "before");
    cr_assert_eq(template_render_text(env, "t", STR("a"), NULL, out, &err), 0);
    cr_assert_str_eq(buf_text(out), "beforea");
    template_env_free(env);
    arena_free(arena);
}

Test(render, what_is_not_jinja2_s_own_filters)
{
    gives("{{ 'a: b\n' | quote_yaml }}", "\"a: b\\n\"");
    gives("{{ 'no' | to_yaml }} {{ 'plain' | to_yaml }} {{ none | to_yaml }} {{ 1.5 | to_yaml }}",
          "\"no\" plain null 1.5");
    gives("{{ {'a': [1, {'b': 'x', 'c': []}], 'd': {}} | to_yaml }}", "a:\n  - 1\n  - b: x\n    c: []\nd: {}");
    gives("{{ {'b': 1, 'a': '<'} | to_json }}", "{\"b\": 1, \"a\": \"<\"}");
    gives("{{ \"it's\" | quote_python }} {{ [1, none] | quote_python }}", "\"it's\" [1, None]");
    gives("{{ 'hello' | b64encode }}", "aGVsbG8=");
    gives("{{ 'a' | sha256 }}", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
    gives("{{ 'Yellow_NY.x' | k8s_name }} {{ '-a b-' | k8s_name }}", "yellow-ny-x a-b-430e5029");
    gives("{{ '256Mi' | quantity }}", "256Mi");
    fails("{{ '2 Gi' | quantity }}", ERR_INVALID, "t:1:13: not a quantity: '2 Gi'\n    {{ '2 Gi' | quantity }}");
}
