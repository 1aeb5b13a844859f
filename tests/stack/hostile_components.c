#include "base/proc.h"
#include "hostile.h"
#include "stack/binding.h"
#include "support.h"

#include <criterion/criterion.h>

/* Every text that a component gets, with hostile values: it is refused by its type, or the tree of each artifact
 * differs in that leaf alone. Only the component is rendered, so that there is time for many values. */

/* Where a text stands in what a component gets: a member of a map, an item of a list, or a key of a map. */
struct leaf {
    json_t *holder;
    const char *key; /* NULL: an item */
    size_t index;
    const struct parameter *parameter; /* of the component that it is part of; NULL: a name of `yellow` */
    enum parameter_type type;
    bool is_key;
    const char *shown;
};

struct subject {
    struct arena *arena;
    const struct component *component;
    json_t *given;
    vec(struct leaf) leaves;
};

struct result {
    size_t leaves, values, refused, rendered;
    struct buf *python; /* lines for hostile_python.py */
};

static struct arena *arena;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(hostile, .init = setup, .fini = teardown);

static bool is_text(enum parameter_type type)
{
    return type < PARAMETER_INTEGER && type != PARAMETER_PORT;
}

/* Two plain words of each type that a text can have. */
static const char *word(enum parameter_type type, bool second)
{
    if (type == PARAMETER_QUANTITY || type == PARAMETER_STORAGE)
        return second ? "8642Mi" : "7531Mi";
    if (type == PARAMETER_PULL_POLICY)
        return second ? "Never" : "Always";
    return second ? "wordtwo" : "wordone";
}

static json_t *sample(const struct parameter *parameter);

static json_t *sample_map(const struct parameters *fields)
{
    json_t *map = json_object();
    for (size_t i = 0; i < fields->len; i++)
        json_object_set_new(map, fields->items[i].name, sample(&fields->items[i]));
    if (fields->len == 0)
        json_object_set_new(map, "key", json_string("text"));
    return map;
}

/* Something that satisfies the declaration and is not empty. */
static json_t *sample(const struct parameter *parameter)
{
    struct parameter item = {.type = parameter->items, .items = PARAMETER_TYPE_COUNT, .fields = parameter->fields};
    switch (parameter->type) {
    case PARAMETER_PORT:
    case PARAMETER_INTEGER:
        return json_integer(7);
    case PARAMETER_BOOLEAN:
        return json_true();
    case PARAMETER_ENUM:
        return json_incref(json_array_get(parameter->values, 0));
    case PARAMETER_MAP:
        return sample_map(&parameter->fields);
    case PARAMETER_LIST:
        return json_pack("[o]", item.type == PARAMETER_TYPE_COUNT ? json_string("text") : sample(&item));
    default:
        return json_string(word(parameter->type, true));
    }
}

static void add_leaf(struct subject *s, struct leaf leaf)
{
    *vec_push(s->arena, &s->leaves) = leaf;
}

static void collect(struct subject *s, struct leaf at, json_t *value, const struct parameter *declared);

static void collect_map(struct subject *s, struct leaf at, json_t *map, const struct parameters *fields)
{
    const char *key;
    json_t *value;
    json_object_foreach(map, key, value)
    {
        static const struct parameter any = {.type = PARAMETER_STRING, .items = PARAMETER_TYPE_COUNT};
        const struct parameter *field = fields->len ? parameters_find(fields, key) : &any;
        struct leaf inner = at;
        inner.holder = map;
        inner.key = arena_strdup(s->arena, key);
        inner.shown = arena_printf(s->arena, "%s.%s", at.shown, key);
        collect(s, inner, value, field);
        inner.is_key = true;
        inner.type = PARAMETER_STRING;
        if (!fields->len)
            add_leaf(s, inner);
    }
}

static void collect(struct subject *s, struct leaf at, json_t *value, const struct parameter *declared)
{
    struct parameter item = {.type = declared->items, .items = PARAMETER_TYPE_COUNT, .fields = declared->fields};
    at.type = declared->type;
    if (is_text(declared->type))
        add_leaf(s, at);
    else if (declared->type == PARAMETER_MAP)
        collect_map(s, at, value, &declared->fields);
    else if (declared->type == PARAMETER_LIST) {
        struct leaf inner = at;
        inner.holder = value;
        inner.key = NULL;
        inner.index = json_array_size(value) - 1; /* one of the items stands for all */
        inner.shown = arena_printf(s->arena, "%s[]", at.shown);
        if (item.type != PARAMETER_TYPE_COUNT)
            collect(s, inner, json_array_get(value, inner.index), &item);
    }
}

static bool is_empty(const json_t *value)
{
    return json_is_null(value) || (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

/* A component with values that leave none of its branches out for want of something to show. */
static struct subject subject_of(const struct bound *bound)
{
    struct subject s = {
        .arena = arena, .component = bound->component, .given = json_own(arena, json_deep_copy(bound->given))};
    static const char *const names[] = {"ecosystem", "psp", "instance"};
    for (size_t i = 0; i < s.component->parameters.len; i++) {
        const struct parameter *p = &s.component->parameters.items[i];
        if (!json_object_get(s.given, p->name) || is_empty(json_object_get(s.given, p->name)))
            json_object_set_new(s.given, p->name, sample(p));
        collect(&s, (struct leaf){.holder = s.given, .key = p->name, .parameter = p, .shown = p->name},
                json_object_get(s.given, p->name), p);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        add_leaf(&s, (struct leaf){.holder = json_object_get(s.given, "yellow"),
                                   .key = names[i],
                                   .type = PARAMETER_CREDENTIAL, /* a name */
                                   .shown = arena_printf(arena, "yellow.%s", names[i])});
    return s;
}

/* Puts a text where the leaf is, and gives back the tree that a render gets; *accepted: its type takes it. */
static json_t *put(const struct subject *s, const struct leaf *leaf, struct str text, bool *accepted)
{
    if (leaf->is_key) {
        json_t *value = json_incref(json_object_get(leaf->holder, leaf->key));
        json_object_clear(leaf->holder);
        bool whole = !memchr(text.data, '\0', text.len) && str_is_utf8(text);
        char *key = arena_strndup(s->arena, text.data, text.len);
        *accepted = whole && json_object_set_new(leaf->holder, key, value) == 0;
        if (!whole)
            json_decref(value);
    } else {
        json_t *value = json_stringn(text.data, text.len);
        *accepted = value; /* jansson takes UTF-8 alone, as the reader of a model does */
        if (value && leaf->key)
            json_object_set_new(leaf->holder, leaf->key, value);
        else if (value)
            json_array_set_new(leaf->holder, leaf->index, value);
    }
    if (*accepted && leaf->parameter)
        *accepted = parameter_accepts(leaf->parameter, json_object_get(s->given, leaf->parameter->name));
    else if (*accepted)
        *accepted = str_is_name(text);
    return s->given;
}

struct artifacts {
    struct str *texts;
    struct tree *trees; /* of those that are YAML */
    const char *error;
};

static struct artifacts render(const struct subject *s, struct arena *scratch)
{
    size_t n = s->component->artifact_count;
    struct artifacts out = {.texts = arena_calloc(scratch, n, sizeof *out.texts),
                            .trees = arena_calloc(scratch, n, sizeof *out.trees)};
    const struct value *context = value_from_json(scratch, s->given);
    for (size_t i = 0; i < n; i++) {
        const struct component_artifact *of = &s->component->artifacts[i];
        struct buf *text = buf_new(scratch);
        struct media_objects objects;
        struct err err = {0};
        if (template_render(s->component->templates, of->template, context, text, &err) < 0 ||
            media_check(scratch, of->media_type, of->file, buf_str(text), &objects, &err) < 0) {
            out.error = arena_strdup(scratch, err.text);
            return out;
        }
        out.texts[i] = buf_str(text);
        if (strcmp(of->media_type, "application/yaml") == 0)
            out.trees[i] = hostile_tree(scratch, out.texts[i]);
    }
    return out;
}

/* Lines of a text that is no tree: the same number, and only those differ where the word was. For Python, the line that
 * differs goes to python, which knows the syntax. */
static const char *compare_lines(struct arena *scratch, struct str plain, struct str got, const char *word_text,
                                 struct str value, struct buf *python)
{
    for (unsigned n = 1; plain.data || got.data; n++) {
        struct str was = str_cut(&plain, '\n'), is = str_cut(&got, '\n');
        if (!plain.data != !got.data)
            return "another number of lines";
        if (str_eq(was, is))
            continue;
        if (!strstr(arena_strndup(scratch, was.data, was.len), word_text))
            return arena_printf(scratch, "line %u differs", n);
        if (python) {
            buf_addf(python, "{\"at\":%u,\"line\":", n);
            json_write_text(python, is);
            buf_adds(python, ",\"value\":");
            json_write_text(python, value);
            buf_adds(python, "}\n");
        }
    }
    return NULL;
}

static const char *compare(const struct subject *s, struct arena *scratch, const struct artifacts *a,
                           const struct artifacts *b, const char *word_text, const struct artifacts *got,
                           struct str value, struct buf *python)
{
    size_t n = s->component->artifact_count;
    for (size_t i = 0; i < n; i++) {
        const char *type = s->component->artifacts[i].media_type, *wrong;
        if (strcmp(type, "application/yaml") == 0)
            wrong = hostile_compare(scratch, &a->trees[i], &b->trees[i], str_from(word_text), &got->trees[i], value,
                                    got->texts, n);
        else
            wrong = compare_lines(scratch, a->texts[i], got->texts[i], word_text, value,
                                  strcmp(type, "text/x-python") == 0 ? python : NULL);
        if (wrong)
            return arena_printf(scratch, "%s: %s", s->component->artifacts[i].file, wrong);
    }
    return NULL;
}

static void try_leaf(const struct subject *s, const struct leaf *leaf, unsigned *seed, struct result *out)
{
    struct arena *scratch = arena_new();
    const char *first = word(leaf->type, false), *second = word(leaf->type, true);
    bool accepted;
    json_t *before =
        json_incref(leaf->key ? json_object_get(leaf->holder, leaf->key) : json_array_get(leaf->holder, leaf->index));
    (void)put(s, leaf, str_from(second), &accepted);
    cr_assert(accepted, "%s: %s refuses %s", s->component->name, leaf->shown, second);
    struct leaf now = *leaf;
    if (leaf->is_key)
        now.key = second;
    struct artifacts b = render(s, arena);
    (void)put(s, &now, str_from(first), &accepted);
    now.key = leaf->is_key ? first : leaf->key;
    struct artifacts a = render(s, arena);
    cr_assert(!a.error && !b.error, "%s: %s: %s", s->component->name, leaf->shown, a.error ? a.error : b.error);
    out->leaves++;
    for (size_t i = 0, n = hostile_count(); i < n; i++) {
        struct str value = hostile_value(scratch, seed);
        out->values++;
        (void)put(s, &now, value, &accepted);
        if (!accepted) {
            out->refused++;
        } else {
            struct artifacts got = render(s, scratch);
            const char *wrong = got.error ? got.error : compare(s, scratch, &a, &b, first, &got, value, out->python);
            cr_expect(!wrong, "component %s, %s, value \"" STR_FMT "\": %s", s->component->name, leaf->shown,
                      STR_ARG(value), wrong);
            out->rendered++;
            if (wrong)
                break;
        }
        if (leaf->is_key) { /* whatever it is called now */
            json_object_clear(leaf->holder);
            json_object_set_new(leaf->holder, first, json_string("text"));
        }
        arena_reset(scratch);
    }
    if (leaf->is_key)
        json_object_clear(leaf->holder);
    if (leaf->key)
        json_object_set_new(leaf->holder, leaf->key, before);
    else
        json_array_set_new(leaf->holder, leaf->index, before);
    arena_free(scratch);
}

/* The Python base text and its lines, for a Python to judge. */
static void check_python(const struct subject *s, struct str lines)
{
    struct buf *input = buf_new(arena);
    struct proc_result result;
    struct err err = {0};
    for (size_t i = 0; i < s->component->artifact_count; i++)
        if (strcmp(s->component->artifacts[i].media_type, "text/x-python") == 0)
            json_write_text(input, render(s, arena).texts[i]);
    buf_addc(input, '\n');
    buf_add_str(input, lines);
    const char *const argv[] = {"/usr/bin/python3", "-B", SOURCE_DIR "/tests/stack/hostile_python.py", NULL};
    struct proc_options options = {.argv = argv, .input = buf_str(input), .output_cap = 1 << 20};
    cr_assert_eq(proc_run(arena, &options, &result, &err), 0, "%s", err.text);
    cr_assert_eq(result.exit_code, 0, "%s", result.errors.data);
    cr_log_info("%s", result.output.data);
}

static void try_component(const struct bound *bound, struct result *out)
{
    struct subject s = subject_of(bound);
    unsigned seed = 20261122;
    out->python = buf_new(arena);
    vec_each(leaf, &s.leaves) try_leaf(&s, leaf, &seed, out);
    if (out->python->len)
        check_python(&s, buf_str(out->python));
}

Test(hostile, no_text_that_a_component_gets_changes_more_than_its_leaf)
{
    struct stack_library *library = support_library(arena);
    struct map seen = {.arena = arena};
    struct result all = {0};
    map_each(entry, library_assemblies(library))
    {
        const struct assembly *assembly = entry->value;
        struct model *model = support_acme_on(arena, assembly->name);
        struct findings findings = {.arena = arena};
        struct bindings bindings;
        cr_assert(bindings_make(arena, library, model, NULL, model_find(model, OBJECT_PSP, "yellow-ny"), &findings,
                                &bindings));
        for (size_t i = 0; i < bindings.len; i++)
            if (!map_put(&seen, str_from(bindings.items[i].component->name), &bindings.items[i]))
                try_component(&bindings.items[i], &all);
    }
    map_each(entry, library_components(library))
    {
        const struct component *component = entry->value; /* one that no assembly of ours has */
        json_t *given = json_pack("{s:{s:s,s:s,s:s,s:s}}", "yellow", "ecosystem", "acme", "psp", "yellow-ny",
                                  "instance", component->name, "component", component->name);
        struct bound bound = {.component = component, .given = json_own(arena, given)};
        if (!map_put(&seen, entry->key, &bound))
            try_component(&bound, &all);
    }
    cr_log_info("%zu texts of %zu components: %zu values, %zu refused, %zu rendered", all.leaves, seen.len, all.values,
                all.refused, all.rendered);
    cr_assert_eq(seen.len, library_components(library)->len);
    cr_assert_geq(all.leaves, 150);
    cr_assert_gt(all.rendered, all.values / 12, "little came through: the test shows less than it says");
}
