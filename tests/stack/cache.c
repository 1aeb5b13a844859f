#include "stack/cache.h"

#include "stack/library.h"
#include "stack/reach.h"
#include "support.h"

#include <criterion/criterion.h>
#include <pthread.h>

static struct arena *arena;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(stack_cache, .init = setup, .fini = teardown);

static struct stack_key key_of(unsigned char n)
{
    return (struct stack_key){{n}};
}

static void put(struct stack_cache *cache, unsigned char n, const char *text)
{
    struct stack_key key = key_of(n);
    struct rendering *made = rendering_new(1);
    made->items[0].text = str_from(arena_strdup(made->arena, text));
    stack_cache_put(cache, &key, made);
    rendering_release(made);
}

/* The text under a key; it stays for the test's arena. */
static const char *get(struct stack_cache *cache, unsigned char n)
{
    struct stack_key key = key_of(n);
    struct rendering *found = stack_cache_find(cache, &key);
    if (!found)
        return "absent";
    rendering_keep(arena, found);
    return found->items[0].text.data;
}

Test(stack_cache, what_is_put_is_found_by_its_key_and_what_was_there_first_stays)
{
    struct stack_cache *cache = stack_cache_new(1 << 20);
    cr_assert_str_eq(get(cache, 1), "absent");
    put(cache, 1, "one");
    put(cache, 1, "other");
    put(cache, 2, "two");
    cr_assert_str_eq(get(cache, 1), "one");
    cr_assert_str_eq(get(cache, 2), "two");
    struct stack_cache_count count = stack_cache_counts(cache);
    cr_assert(count.hits == 2 && count.misses == 1 && count.entries == 2 && count.evicted == 0);
    stack_cache_free(cache);
}

Test(stack_cache, what_was_not_used_for_longest_goes_when_there_is_no_room)
{
    struct stack_cache *cache = stack_cache_new(1 << 20);
    put(cache, 1, "one");
    size_t each = stack_cache_counts(cache).bytes;
    stack_cache_limit(cache, 3 * each);
    put(cache, 2, "two");
    put(cache, 3, "three");
    const char *kept = get(cache, 1);
    put(cache, 4, "four");
    cr_assert_str_eq(get(cache, 2), "absent");
    cr_assert_str_eq(get(cache, 1), "one");
    stack_cache_limit(cache, each);
    struct stack_cache_count count = stack_cache_counts(cache);
    cr_assert(count.entries == 1 && count.bytes == each && count.evicted == 3);
    cr_assert_str_eq(get(cache, 1), "one");
    stack_cache_limit(cache, 0);
    cr_assert_eq(stack_cache_counts(cache).bytes, 0);
    put(cache, 5, "five");
    cr_assert_str_eq(get(cache, 5), "absent");
    stack_cache_free(cache);
    cr_assert_str_eq(kept, "one", "whoever holds it has it still");
}

static struct stack render(const struct stack_library *library, const struct model *model)
{
    struct findings findings = {.arena = arena};
    struct stack stack;
    struct err err = {0};
    cr_assert_eq(stack_render(arena, library, model, "yellow-ny", &findings, &stack, &err), 0, "%s", err.text);
    return stack;
}

static void assert_same(const struct stack *a, const struct stack *b)
{
    cr_assert_str_eq(a->sha256, b->sha256);
    cr_assert_eq(a->count, b->count);
    for (size_t i = 0; i < a->count; i++)
        cr_assert(str_eq(a->artifacts[i].text, b->artifacts[i].text), "%s", a->artifacts[i].name);
}

Test(stack_cache, a_stack_has_the_same_bytes_with_and_without_it)
{
    struct stack_library *cached = support_library(arena), *plain = support_library(arena);
    stack_cache_limit(library_cache(plain), 0);
    map_each(entry, library_assemblies(cached))
    {
        struct model *model = support_acme_on(arena, ((const struct assembly *)entry->value)->name);
        struct stack first = render(cached, model), again = render(cached, model), without = render(plain, model);
        assert_same(&first, &again);
        assert_same(&first, &without);
    }
    cr_assert_eq(stack_cache_counts(library_cache(plain)).hits, 0);
}

static struct stack_cache_count since(struct stack_cache *cache, struct stack_cache_count before)
{
    struct stack_cache_count now = stack_cache_counts(cache);
    now.hits -= before.hits;
    now.misses -= before.misses;
    return now;
}

/* An instance has two renderings: what it provides and requires, and its artifacts. */
Test(stack_cache, a_change_of_one_value_renders_the_components_that_get_it_and_no_other)
{
    struct stack_library *library = support_library(arena);
    struct stack_cache *cache = library_cache(library);
    size_t instances = library_assembly(library, "yellow-single-postgres")->instance_count;
    (void)render(library, support_acme(arena, NULL, NULL));
    struct stack_cache_count first = stack_cache_counts(cache);
    cr_assert_eq(first.misses, 2 * instances);
    (void)render(library, support_acme(arena, NULL, NULL));
    struct stack_cache_count count = since(cache, first);
    cr_assert(count.misses == 0 && count.hits == 2 * instances);
    first = stack_cache_counts(cache);
    (void)render(library, support_acme(arena, "log_level: INFO", "log_level: DEBUG"));
    count = since(cache, first);
    cr_assert_eq(count.misses, 2, "logging alone: %zu", (size_t)count.misses);
    cr_assert_eq(count.hits, 2 * (instances - 1));
}

#define OWN                                                                                                            \
    "kind: Component\nname: own\ndoc: d\nparameters: [{name: t, type: string, default: x, doc: d}]\n"                  \
    "artifacts: [{template: own/x.yaml.j2, media_type: application/yaml}]\n---\n"                                      \
    "kind: Assembly\nname: mine\ndoc: d\ncomponents:\n"                                                                \
    "  - {component: namespace, with: {namespace: $psp.namespace}}\n  - {component: own}\n"

static struct model *own_model(const char *template)
{
    struct findings findings = {.arena = arena};
    struct model *model = support_acme_own(
        arena,
        "assembly: yellow-single-postgres\nparameters: # what the assembly declares; the rest has defaults\n"
        "  logs_storage: 10Gi\n  log_level: INFO\n",
        "assembly: mine\n", OWN, template, &findings);
    cr_assert_eq(findings.errors, 0, "%s", findings.list.items[0].text);
    return model;
}

Test(stack_cache, a_changed_template_of_the_model_is_another_key)
{
    struct stack_library *library = support_library(arena);
    struct stack_cache *cache = library_cache(library);
    (void)render(library, own_model("a: {{ t }}\n"));
    struct stack_cache_count first = stack_cache_counts(cache);
    struct stack stack = render(library, own_model("b: {{ t }}\n"));
    cr_assert_str_eq(stack.artifacts[1].text.data, "b: x\n");
    struct stack_cache_count count = since(cache, first);
    cr_assert(count.hits == 2 && count.misses == 2, "the namespace was there");
    (void)render(library, own_model("a: {{ t }}\n"));
    cr_assert_eq(since(cache, first).misses, 2, "and the older one is there still");
}

struct racer {
    pthread_t thread;
    const struct stack_library *library;
    const struct model *model;
    char sha256[65];
};

static void *race(void *ctx)
{
    struct racer *racer = ctx;
    for (int i = 0; i < 20; i++) {
        struct arena *own = arena_new();
        struct findings findings = {.arena = own};
        struct stack stack;
        struct err err = {0};
        if (stack_render(own, racer->library, racer->model, "yellow-ny", &findings, &stack, &err) == 0)
            memcpy(racer->sha256, stack.sha256, sizeof racer->sha256);
        arena_free(own);
    }
    return NULL;
}

Test(stack_cache, threads_share_it)
{
    struct stack_library *library = support_library(arena);
    stack_cache_limit(library_cache(library), 200000); /* so that things go while others use them */
    struct racer racers[4];
    for (size_t i = 0; i < 4; i++) {
        racers[i] = (struct racer){.library = library,
                                   .model = support_acme_on(arena, i % 2 ? "blue-minio" : "yellow-twin-postgres")};
        cr_assert_eq(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < 4; i++)
        pthread_join(racers[i].thread, NULL);
    struct stack_library *other = support_library(arena);
    for (size_t i = 0; i < 4; i++)
        cr_assert_str_eq(racers[i].sha256, render(other, racers[i].model).sha256);
}

static bool load(void *ctx, const char *name, struct str *text)
{
    const char *found = map_getz(ctx, name);
    *text = str_from(found);
    return found;
}

/* The names that a text reaches, where a.j2 includes b.j2 and the model has m.j2 and data.sql. */
static const char *reached(const char *text)
{
    static struct map templates, files;
    templates = files = (struct map){.arena = arena};
    map_put(&templates, STR("a.j2"), "{% include 'b.j2' %}");
    map_put(&templates, STR("b.j2"), "{%- import \"a.j2\" as a -%}");
    map_put(&files, STR("m.j2"), "");
    map_put(&files, STR("data.sql"), "");
    struct reach reach = {.arena = arena, .load = load, .ctx = &templates, .files = &files, .seen = {.arena = arena}};
    struct buf *names = buf_new(arena);
    reach_add_text(&reach, str_from(text));
    map_each(entry, &reach.seen) buf_addf(names, STR_FMT " ", STR_ARG(entry->key));
    return buf_text(names);
}

Test(stack_cache, what_a_template_reaches_is_followed)
{
    cr_assert_str_eq(reached("{% include 'a.j2' %}"), "a.j2 b.j2 ");
    cr_assert_str_eq(reached("{%+ extends \"b.j2\"%}"), "b.j2 a.j2 ");
    cr_assert_str_eq(reached("{% from 'none.j2' import x, y %}"), "none.j2 ");
    cr_assert_str_eq(reached("{% include 'a.j2' ignore missing with context %}"), "a.j2 b.j2 ");
    cr_assert_str_eq(reached("include 'a.j2' {# {% if x %} #}"), "");
}

Test(stack_cache, a_name_that_is_computed_reaches_all_templates_of_the_model)
{
    static const char *const texts[] = {"{% include x %}",           "{% include 'a' ~ x %}",
                                        "{% include 'a.j2' if x %}", "{% include ['a', 'b'] %}",
                                        "{% include 'a\\x' %}",      "{% import 'a"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect_str_eq(reached(texts[i]), "model/m.j2 ", "%s", texts[i]);
}
