#include "model/checks.h"

#include "model/fields.h"

/* clang-format off */
const struct check checks[CHECK_CODE_COUNT] = {
    [CHECK_DOCUMENT] = {"document", SEVERITY_ERROR, "a document is a mapping with kind and name", NULL},
    [CHECK_MISSING_KIND] = {"missing-kind", SEVERITY_ERROR, "a document says its kind", NULL},
    [CHECK_UNKNOWN_KIND] = {"unknown-kind", SEVERITY_ERROR, "the kind is one of those that there are", NULL},
    [CHECK_UNKNOWN_KEY] = {"unknown-key", SEVERITY_ERROR, "every key is known", NULL},
    [CHECK_MISSING_KEY] = {"missing-key", SEVERITY_ERROR, "every required key is there", NULL},
    [CHECK_MISPLACED_KEY] = {"misplaced-key", SEVERITY_ERROR, "a key goes with the type that is named beside it", NULL},
    [CHECK_WRONG_TYPE] = {"wrong-type", SEVERITY_ERROR, "a value is of the type that its key wants", NULL},
    [CHECK_AMBIGUOUS_SCALAR] = {"ambiguous-scalar", SEVERITY_ERROR, "a text that some YAML readers take for a number, a date, a boolean or nothing is in quotes", NULL},
    [CHECK_UNKNOWN_VALUE] = {"unknown-value", SEVERITY_ERROR, "a value is one of the words that its key knows", NULL},
    [CHECK_OUT_OF_RANGE] = {"out-of-range", SEVERITY_ERROR, "a number is decimal and within its bounds", NULL},
    [CHECK_BAD_TEXT] = {"bad-text", SEVERITY_ERROR, "a text is at most 4,096 bytes and holds no control character", NULL},
    [CHECK_DUPLICATE_NAME] = {"duplicate-name", SEVERITY_ERROR, "a name is given once among its like", NULL},
    [CHECK_TOO_MANY_OBJECTS] = {"too-many-objects", SEVERITY_ERROR, "a model has at most 100,000 objects", NULL},

    [CHECK_NO_ECOSYSTEM] = {"no-ecosystem", SEVERITY_ERROR, "a model has an Ecosystem", check_ecosystem},
    [CHECK_SEVERAL_ECOSYSTEMS] = {"several-ecosystems", SEVERITY_ERROR, "a model has one Ecosystem", NULL},
    [CHECK_NAME_COLLISION] = {"name-collision", SEVERITY_ERROR, "no two names become the same name in Kubernetes or SQL (lower case, _ as -)", check_names},
    [CHECK_RESERVED_NAME] = {"reserved-name", SEVERITY_ERROR, "a column's name does not begin with yellow_batch, which the merge keeps beside the data", NULL},

    [CHECK_DANGLING_REFERENCE] = {"dangling-reference", SEVERITY_ERROR, "what is named exists", check_references},
    [CHECK_UNDECLARED] = {"undeclared", SEVERITY_ERROR, "a zone is declared by the ecosystem", NULL},
    [CHECK_UNDEFINED] = {"undefined-zone", SEVERITY_WARNING, "a declared zone is defined by a GovernanceZone", NULL},
    [CHECK_WRONG_CONTAINER] = {"wrong-container", SEVERITY_ERROR, "a container is of the type that its use needs", NULL},
    [CHECK_WRONG_CREDENTIAL] = {"wrong-credential", SEVERITY_ERROR, "a credential is of a type that its use can take", NULL},
    [CHECK_MISSING_FILE] = {"missing-file", SEVERITY_ERROR, "a transformer's SQL file is in the repository", NULL},
    [CHECK_UNKNOWN_LOCATION] = {"unknown-location", SEVERITY_ERROR, "a location is one of its vendor's", NULL},
    [CHECK_AMBIGUOUS_PLATFORM] = {"ambiguous-platform", SEVERITY_ERROR, "a group says its platform by name, or by milestoning and latency", NULL},
    [CHECK_NO_PLATFORM] = {"no-platform", SEVERITY_WARNING, "a group fits some data platform", NULL},

    [CHECK_CAPTURE_KEY] = {"capture-key", SEVERITY_ERROR, "a dataset's keys go with its store's capture", check_capture},
    [CHECK_CAPTURE_OPTION] = {"capture-option", SEVERITY_ERROR, "the options of a capture agree with each other", NULL},
    [CHECK_WATERMARK] = {"watermark", SEVERITY_ERROR, "an incremental dataset has a watermark column, not nullable, of a type that orders", NULL},
    [CHECK_NO_KEY] = {"no-key", SEVERITY_ERROR, "a dataset of an incremental or API capture has a key", check_columns},
    [CHECK_NULLABLE_KEY] = {"nullable-key", SEVERITY_ERROR, "a key column is not nullable", NULL},
    [CHECK_KEY_TYPE] = {"key-type", SEVERITY_ERROR, "a key column's type has an equality that databases agree on", NULL},
    [CHECK_NO_COLUMNS] = {"no-columns", SEVERITY_ERROR, "a dataset has 1 to 1,500 columns, a store has datasets", NULL},
    [CHECK_UNSUPPORTED_TYPE] = {"unsupported-type", SEVERITY_ERROR, "a column's type has a SQL type", NULL},
    [CHECK_TABLE_NAME] = {"table-name", SEVERITY_ERROR, "a table is schema.table or table, each at most 63 bytes", NULL},

    [CHECK_CLASSIFICATION_TWICE] = {"classification-twice", SEVERITY_ERROR, "classification is on the dataset or on its columns, not both", check_classification},
    [CHECK_MISSING_CLASSIFICATION] = {"missing-classification", SEVERITY_ERROR, "production data is classified: the dataset, or every column", NULL},
    [CHECK_POLICY] = {"policy", SEVERITY_ERROR, "classification, location and vendor are permitted by the producer's and the consumer's zone", check_policy},
    [CHECK_UNKNOWN_POLICY_VALUE] = {"policy-value", SEVERITY_ERROR, "a policy names locations and vendors of the ecosystem", NULL},

    [CHECK_NOT_PRODUCTION] = {"not-production", SEVERITY_WARNING, "a production workspace consumes production stores", check_production},
    [CHECK_DEPRECATED] = {"deprecated", SEVERITY_ERROR, "a sink with deprecation: never consumes nothing deprecated", NULL},
    [CHECK_DEPRECATED_ALLOWED] = {"deprecated-allowed", SEVERITY_WARNING, "a sink with deprecation: allowed consumes something deprecated", NULL},

    [CHECK_REQUEST_OVER_LIMIT] = {"request-over-limit", SEVERITY_ERROR, "a request is not more than its limit", check_resources},
    [CHECK_HINT_TARGET] = {"hint-target", SEVERITY_ERROR, "a hint names exactly one of stream, transformer, store and kind", check_psps},
    [CHECK_UNKNOWN_HINT] = {"unknown-hint", SEVERITY_ERROR, "what a hint names exists", NULL},
    [CHECK_MISSING_STORAGE] = {"missing-storage", SEVERITY_WARNING, "a SQL database says its capacity", NULL},
    [CHECK_MISPLACED_STORAGE] = {"misplaced-storage", SEVERITY_ERROR, "only postgres has a storage size among a PSP's defaults", NULL},

    [CHECK_NO_CAPTURE] = {"no-capture", SEVERITY_ERROR, "a store has a capture or is a transformer's output", check_transformers},
    [CHECK_OUTPUT_CAPTURE] = {"output-capture", SEVERITY_ERROR, "a transformer's output has no capture of its own", NULL},
    [CHECK_OUTPUT_TEAM] = {"output-team", SEVERITY_ERROR, "a transformer's output is a store of its own team", NULL},
    [CHECK_OUTPUT_TWICE] = {"output-twice", SEVERITY_ERROR, "a store is the output of one transformer", NULL},
    [CHECK_TRANSFORMER_CYCLE] = {"transformer-cycle", SEVERITY_ERROR, "transformers do not wait for each other in a circle; one may read its own output", NULL},
    [CHECK_IDLE_TRANSFORMER] = {"idle-transformer", SEVERITY_WARNING, "somebody consumes a transformer's output: else it never runs", NULL},
    [CHECK_TRANSFORMER_INPUT] = {"transformer-input", SEVERITY_ERROR, "a transformer has an input other than its own output", NULL},
};
/* clang-format on */

struct finding *check_report(struct findings *findings, enum check_code code, struct place place, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    struct finding *finding = findings_vadd(findings, checks[code].severity, checks[code].code, place, fmt, args);
    va_end(args);
    return finding;
}

enum { NEAR = 2 };

static void keep_nearest(const char *name, const char *text, const char **best, size_t *distance)
{
    size_t edits = str_distance(str_from(name), str_from(text), NEAR);
    if (edits < *distance && edits < strlen(text)) {
        *distance = edits;
        *best = name;
    }
}

void check_suggest_list(struct findings *findings, struct finding *finding, const char *const *names, const char *text)
{
    const char *best = NULL;
    size_t distance = NEAR + 1;
    for (size_t i = 0; names[i]; i++)
        keep_nearest(names[i], text, &best, &distance);
    if (best) {
        finding_hint(findings, finding, "did you mean \"%s\"?", best);
        return;
    }
    struct buf list = {0};
    for (size_t i = 0; names[i]; i++)
        buf_addf(&list, "%s%s", i ? ", " : "", names[i]);
    finding_hint(findings, finding, "one of: %s", buf_text(&list));
    buf_dispose(&list);
}

void check_suggest(struct findings *findings, struct finding *finding, const struct map *names, const char *text)
{
    if (!finding) /* only counted: do not look through all names for nothing */
        return;
    const char *best = NULL;
    size_t distance = NEAR + 1;
    map_each(entry, names) if (entry->key.len + NEAR >= strlen(text) && entry->key.len <= strlen(text) + NEAR)
        keep_nearest(entry->key.data, text, &best, &distance);
    if (best)
        finding_hint(findings, finding, "did you mean \"%s\"?", best);
}

static struct map *datasets_of(struct check_run *run, const struct object *store)
{
    struct map **slot = &run->datasets[store - run->model->objects];
    struct map *known = *slot;
    if (known)
        return known;
    *slot = arena_alloc(run->arena, sizeof **slot);
    (*slot)->arena = run->arena;
    vec_each(dataset, &store->datastore->datasets)
    {
        if (dataset->name && !map_getz(*slot, dataset->name))
            (void)map_put(*slot, str_from(dataset->name), dataset);
    }
    return *slot;
}

const struct dataset *check_find_dataset(struct check_run *run, const struct object *store, const char *name)
{
    return name ? map_getz(datasets_of(run, store), name) : NULL;
}

void check_suggest_dataset(struct check_run *run, struct finding *finding, const struct object *store, const char *name)
{
    check_suggest(run->findings, finding, datasets_of(run, store), name);
}

void model_check(const struct model *model, struct findings *findings)
{
    struct check_run run = {.model = model,
                            .findings = findings,
                            .arena = findings->arena,
                            .outputs = {.arena = findings->arena},
                            .platforms = {.arena = findings->arena},
                            .datasets = arena_calloc(findings->arena, model->count, sizeof *run.datasets)};
    check_objects(object, &run, OBJECT_WORKSPACE)
    {
        const struct transformer *transformer = &object->workspace->transformer;
        if (transformer->present && transformer->output && !map_getz(&run.outputs, transformer->output))
            (void)map_put(&run.outputs, str_from(transformer->output), (void *)object);
    }
    check_objects(object, &run, OBJECT_PSP) vec_each(platform, &object->psp->platforms)
    {
        if (!platform->name || map_getz(&run.platforms, platform->name))
            continue;
        struct platform_of *of = arena_alloc(run.arena, sizeof *of);
        *of = (struct platform_of){object, platform};
        (void)map_put(&run.platforms, str_from(platform->name), of);
    }
    for (size_t i = 0; i < CHECK_CODE_COUNT; i++)
        if (checks[i].fn)
            checks[i].fn(&run);
}
