#include "model/checks.h"
#include "model/fields.h"

/* The character as Kubernetes (lower case, _ is -) or SQL (lower case) sees it. */
static char folded(char c, enum fold fold)
{
    if (fold == FOLD_NONE)
        return c;
    if (c >= 'A' && c <= 'Z')
        return (char)(c | 0x20);
    return c == '_' && fold == FOLD_NAME ? '-' : c;
}

static uint64_t folded_hash(const char *name, enum fold fold)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *name; name++)
        hash = (hash ^ (unsigned char)folded(*name, fold)) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 32;
}

static bool folded_equal(const char *a, const char *b, enum fold fold)
{
    while (*a && folded(*a, fold) == folded(*b, fold))
        a++, b++;
    return *a == *b;
}

/* A set of names that must differ, also when folded. There is one for every list of a model: it is made for a known
 * count, and its memory is used again. */
struct first {
    const char *name;
    uint64_t hash;
    struct place place;
    unsigned generation; /* of the set that it is in */
};
struct name_set {
    struct check_run *run;
    struct arena *scratch; /* of texts, until the kind's end */
    struct first *slots;
    size_t cap;
    unsigned generation;
};

static void clear_names(struct name_set *set, size_t count)
{
    set->generation++;
    if (set->cap >= count * 2)
        return;
    set->cap = set->cap ? set->cap : 64;
    while (set->cap < count * 2)
        set->cap *= 2;
    set->slots = arena_calloc(set->run->arena, set->cap, sizeof *set->slots);
}

static void add_name(struct name_set *set, const char *what, const char *name, enum fold fold, struct place place)
{
    struct findings *findings = set->run->findings;
    uint64_t hash = folded_hash(name, fold);
    size_t at = (size_t)hash & (set->cap - 1);
    struct first *first = &set->slots[at];
    while (first->generation == set->generation && !(first->hash == hash && folded_equal(first->name, name, fold)))
        first = &set->slots[at = (at + 1) & (set->cap - 1)];
    if (first->generation != set->generation) {
        *first = (struct first){name, hash, place, set->generation};
        return;
    }
    bool same = strcmp(first->name, name) == 0;
    struct finding *finding =
        same ? check_report(findings, CHECK_DUPLICATE_NAME, place, "%s \"%s\" is there twice", what, name)
             : check_report(findings, CHECK_NAME_COLLISION, place, "%s \"%s\" and \"%s\" become the same name %s", what,
                            first->name, name, fold == FOLD_CASE ? "in SQL" : "in Kubernetes or SQL");
    finding_hint(findings, finding, "the first is at %s:%u:%u", first->place.path, first->place.line,
                 first->place.column);
}

static void check_list(struct name_set *set, const struct field *field, const void *base, struct place place);

/* The lists of a struct, and what is below them. */
static void check_lists(struct name_set *set, const struct table *table, const void *base, struct place place)
{
    for (size_t i = 0; i < table->len; i++) {
        const struct field *field = &table->fields[i];
        if (field->type == FIELD_STRUCT && field->sub != &resources_table)
            check_lists(set, field->sub, field_in(field, base), place);
        else if (field->type == FIELD_LIST)
            check_list(set, field, base, place);
    }
}

static void check_list(struct name_set *set, const struct field *field, const void *base, struct place place)
{
    const struct table *table = field->sub;
    const struct field *only = table->id[0] && !table->id[1] ? field_find(table, str_from(table->id[0])) : NULL;
    struct items list = field_items(field, base);
    clear_names(set, list.len);
    for (size_t pass = 0; pass < (table->dense ? 1 : 2); pass++) /* one list's names at a time */
        for (size_t i = 0; i < list.len; i++) {
            const void *item = list.items + i * table->size;
            struct place at = place;
            if (table->place)
                memcpy(&at, (const char *)item + table->place - 1, sizeof at);
            if (pass == 1) {
                check_lists(set, table, item, at);
                continue;
            }
            const char *id = only ? field_text(only, item) : fields_id(set->scratch, table, item);
            if (id)
                add_name(set, table->name, id, table->fold, at);
        }
}

static void check_reserved(struct check_run *run, const struct object *object)
{
    static const char reserved[] = "yellow_batch";
    vec_each(dataset, &object->datastore->datasets) vec_each(column, &dataset->columns)
    {
        size_t i = 0;
        while (column->name && reserved[i] && folded(column->name[i], FOLD_CASE) == reserved[i])
            i++;
        if (!reserved[i])
            check_report(run->findings, CHECK_RESERVED_NAME, column->place,
                         "column \"%s\" begins with yellow_batch, which the merge keeps beside the data", column->name);
    }
}

const char *const stack_secret_names[] = {"airflow_database", "airflow_token",   "job_token", "lake_database",
                                          "server",           "server_database", NULL};

/* A stack names the secrets of credentials and of its own parts by one rule. */
static void check_reserved_secret(struct check_run *run, const struct object *object)
{
    for (const char *const *name = stack_secret_names; *name; name++)
        if (folded_equal(*name, object->name, FOLD_NAME))
            check_report(run->findings, CHECK_RESERVED_NAME, object->place,
                         "Credential \"%s\" has the name of a secret that stacks keep for themselves", object->name);
}

static void check_kind(struct name_set *set, enum object_kind kind)
{
    struct check_run *run = set->run;
    clear_names(set, run->model->count);
    check_objects(object, run, kind) add_name(set, object_kind_names[kind], object->name, FOLD_NAME, object->place);
}

static void check_transformer_names(struct name_set *set)
{
    struct check_run *run = set->run;
    clear_names(set, run->model->count);
    check_objects(object, run, OBJECT_WORKSPACE)
    {
        const struct transformer *transformer = &object->workspace->transformer;
        if (transformer->name)
            add_name(set, "transformer", transformer->name, FOLD_NAME, transformer->place);
    }
}

static void check_platform_names(struct name_set *set)
{
    struct check_run *run = set->run;
    size_t count = 0;
    check_objects(object, run, OBJECT_PSP) count += object->psp->platforms.len;
    clear_names(set, count);
    check_objects(object, run, OBJECT_PSP) vec_each(platform, &object->psp->platforms)
    {
        bool again = false; /* twice within one PSP was said with its list */
        for (const struct data_platform *before = object->psp->platforms.items; before < platform; before++)
            again = again || (before->name && platform->name && folded_equal(before->name, platform->name, FOLD_NAME));
        if (platform->name && !again)
            add_name(set, "data platform", platform->name, FOLD_NAME, platform->place);
    }
}

void check_names(struct check_run *run)
{
    struct name_set set = {.run = run, .scratch = arena_new()};
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        check_kind(&set, (enum object_kind)kind);
    check_transformer_names(&set);
    check_platform_names(&set);
    arena_free(set.scratch);
}

/* Names within one object. */
void check_members(struct check_run *run)
{
    struct name_set set = {.run = run, .scratch = arena_new()};
    for (const struct object *object = run->model->objects; object < run->model->objects + run->model->count;
         object++) {
        if (!object_tables[object->kind]->open)
            check_lists(&set, object_tables[object->kind], object->data, object->place);
        arena_reset(set.scratch);
    }
    arena_free(set.scratch);
    check_objects(object, run, OBJECT_DATASTORE) check_reserved(run, object);
    check_objects(object, run, OBJECT_CREDENTIAL) check_reserved_secret(run, object);
}

void check_ecosystem(struct check_run *run)
{
    const struct object *first = model_ecosystem(run->model);
    if (!first) {
        struct finding *finding =
            check_report(run->findings, CHECK_NO_ECOSYSTEM, (struct place){0}, "the model has no Ecosystem");
        finding_hint(run->findings, finding, "a file with kind: Ecosystem names the company, its vendors and zones");
        return;
    }
    check_objects(object, run, OBJECT_ECOSYSTEM)
    {
        if (object == first)
            continue;
        struct finding *finding = check_report(run->findings, CHECK_SEVERAL_ECOSYSTEMS, object->place,
                                               "Ecosystem \"%s\" is not the only one", object->name);
        finding_hint(run->findings, finding, "\"%s\" is at %s:%u:%u", first->name, first->place.path, first->place.line,
                     first->place.column);
    }
}
