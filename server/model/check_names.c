#include "model/checks.h"
#include "model/fields.h"

/* The name as Kubernetes (lower case, _ is -) or SQL (lower case) sees it. */
static struct str folded(struct arena *arena, const char *name, enum fold fold)
{
    char *text = arena_strdup(arena, name);
    for (char *c = text; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c | 0x20);
        else if (*c == '_' && fold == FOLD_NAME)
            *c = '-';
    }
    return str_from(text);
}

/* One set of names that must differ, also when folded. */
struct name_set {
    struct check_run *run;
    struct arena *scratch;
    struct map names; /* folded -> first */
};
struct first {
    const char *name;
    struct place place;
};

static void add_name(struct name_set *set, const char *what, const char *name, enum fold fold, struct place place)
{
    struct findings *findings = set->run->findings;
    struct str key = folded(set->scratch, name, fold);
    const struct first *first = map_get(&set->names, key);
    if (!first) {
        struct first *mine = arena_alloc(set->scratch, sizeof *mine);
        *mine = (struct first){name, place};
        (void)map_put(&set->names, key, mine);
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

/* The lists of a struct, and what is below them. */
static void check_lists(struct check_run *run, struct arena *scratch, const struct table *table, const void *base,
                        struct place place)
{
    for (size_t i = 0; i < table->len; i++) {
        const struct field *field = &table->fields[i];
        if (field->type == FIELD_STRUCT && field->sub != &resources_table)
            check_lists(run, scratch, field->sub, field_in(field, base), place);
        if (field->type != FIELD_LIST)
            continue;
        struct name_set set = {run, scratch, {.arena = scratch}};
        struct items list = field_items(field, base);
        for (size_t j = 0; j < list.len; j++) {
            const void *item = list.items + j * field->sub->size;
            struct place at = place;
            if (field->sub->place)
                memcpy(&at, (const char *)item + field->sub->place - 1, sizeof at);
            const char *id = fields_id(scratch, field->sub, item);
            if (id)
                add_name(&set, field->sub->name, id, field->sub->fold, at);
            check_lists(run, scratch, field->sub, item, at);
        }
    }
}

static void check_reserved(struct check_run *run, const struct object *object)
{
    vec_each(dataset, &object->datastore->datasets)
        vec_each(column, &dataset->columns) if (column->name && str_starts(folded(run->arena, column->name, FOLD_CASE),
                                                                           STR("yellow_batch")))
            check_report(run->findings, CHECK_RESERVED_NAME, column->place,
                         "column \"%s\" begins with yellow_batch, which the merge keeps beside the data", column->name);
}

static void check_objects_of(struct check_run *run, struct arena *scratch, enum object_kind kind)
{
    struct name_set set = {run, scratch, {.arena = scratch}};
    check_objects(object, run, kind)
    {
        add_name(&set, object_kind_names[kind], object->name, FOLD_NAME, object->place);
        if (!object_tables[kind]->open)
            check_lists(run, scratch, object_tables[kind], object->data, object->place);
    }
}

static void check_transformer_names(struct check_run *run, struct arena *scratch)
{
    struct name_set set = {run, scratch, {.arena = scratch}};
    check_objects(object, run, OBJECT_WORKSPACE)
    {
        const struct transformer *transformer = &object->workspace->transformer;
        if (transformer->name)
            add_name(&set, "transformer", transformer->name, FOLD_NAME, transformer->place);
    }
}

static void check_platform_names(struct check_run *run, struct arena *scratch)
{
    struct name_set set = {run, scratch, {.arena = scratch}};
    check_objects(object, run, OBJECT_PSP)
    {
        const char *last = NULL; /* twice within one PSP was said with its list */
        vec_each(platform, &object->psp->platforms)
        {
            if (platform->name && !(last && strcmp(last, platform->name) == 0))
                add_name(&set, "data platform", platform->name, FOLD_NAME, platform->place);
            last = platform->name;
        }
    }
}

void check_names(struct check_run *run)
{
    struct arena *scratch = arena_new();
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
        check_objects_of(run, scratch, (enum object_kind)kind);
        arena_reset(scratch);
    }
    check_transformer_names(run, scratch);
    check_platform_names(run, scratch);
    check_objects(object, run, OBJECT_DATASTORE) check_reserved(run, object);
    arena_free(scratch);
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
