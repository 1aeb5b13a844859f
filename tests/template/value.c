#include "template/template.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>

Test(value, a_dict_keeps_the_order_of_its_keys_and_finds_them)
{
    struct arena *arena = arena_new();
    struct value *dict = value_dict(arena);
    char keys[100][16];
    for (int i = 0; i < 100; i++) {
        (void)snprintf(keys[i], sizeof keys[i], "k%d", i);
        value_dict_set(arena, dict, keys[i], value_int(arena, i));
    }
    value_dict_set(arena, dict, "k5", value_int(arena, -5));
    cr_assert_eq(dict->as.dict->len, 100);
    for (int i = 0; i < 100; i++) {
        cr_assert(str_eqz(value_text(dict->as.dict->entries[i].key), keys[i]));
        cr_assert_eq(value_dict_get(dict, keys[i])->as.i, i == 5 ? -5 : i);
    }
    cr_assert_null(value_dict_get(dict, "k100"));
    arena_free(arena);
}

Test(value, keys_that_are_equal_are_one_key)
{
    uint64_t a, b, c;
    cr_assert(value_hash(value_of_int(1), &a));
    cr_assert(value_hash(value_of_float(1.0), &b));
    cr_assert(value_hash(value_of_bool(true), &c));
    cr_assert(a == b && b == c);
    cr_assert(value_equal(value_of_int(1), value_of_float(1.0)));
    cr_assert_not(value_equal(value_of_int(INT64_MAX), value_of_float(9223372036854775808.0)));
    cr_assert_not(value_equal(value_of_none(), value_of_bool(false)));
}

Test(value, json_becomes_values_in_its_order)
{
    struct arena *arena = arena_new();
    json_t *json = json_loads("{\"b\": [1, 2.5, null, true], \"a\": \"x\"}", 0, NULL);
    const struct value *v = value_from_json(arena, json);
    cr_assert(str_eqz(value_text(v->as.dict->entries[0].key), "b"));
    const struct value_list *list = value_dict_get(v, "b")->as.list;
    cr_assert(list->items[0].as.i == 1 && list->items[1].as.d == 2.5);
    cr_assert(list->items[2].type == VALUE_NONE && list->items[3].as.b);
    cr_assert(str_eqz(value_text(*value_dict_get(v, "a")), "x"));
    json_decref(json);
    arena_free(arena);
}

static bool load(void *ctx, const char *name, struct str *text)
{
    (void)ctx;
    *text = strcmp(name, "main") == 0 ? STR("{% import 'lib' as m %}{% for i in range(n) %}{{ m.f(i) }}{% endfor %}")
                                      : STR("{% macro f(x) %}{{ x * 2 }},{% endmacro %}");
    return true;
}

static void *render_often(void *ctx)
{
    struct arena *arena = arena_new();
    struct value *context = value_dict(arena);
    uintptr_t wrong = 0;
    value_dict_set(arena, context, "n", value_int(arena, 5));
    for (int i = 0; i < 200; i++) {
        struct buf out = {0};
        struct err err;
        wrong += template_render(ctx, "main", context, &out, &err) != 0 || strcmp(buf_text(&out), "0,2,4,6,8,") != 0;
        buf_dispose(&out);
    }
    arena_free(arena);
    return (void *)wrong;
}

Test(value, threads_share_one_template)
{
    struct template_env *env = template_env_new(&(struct template_options){.load = load});
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, render_often, env), 0);
    for (size_t i = 0; i < 4; i++) {
        void *wrong;
        cr_assert_eq(pthread_join(threads[i], &wrong), 0);
        cr_assert_null(wrong);
    }
    template_env_free(env);
}
