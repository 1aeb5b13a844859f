#ifndef YELLOW_MODEL_CHECKS_H
#define YELLOW_MODEL_CHECKS_H

#include "model/model.h"
#include "model/place.h"

/* Every kind of finding that the model floor makes. One table says its code, its severity, what it means and, where a
 * check looks for it, which. */
enum check_code {
    /* reading */
    CHECK_DOCUMENT,
    CHECK_MISSING_KIND,
    CHECK_UNKNOWN_KIND,
    CHECK_UNKNOWN_KEY,
    CHECK_MISSING_KEY,
    CHECK_MISPLACED_KEY,
    CHECK_WRONG_TYPE,
    CHECK_AMBIGUOUS_SCALAR,
    CHECK_UNKNOWN_VALUE,
    CHECK_OUT_OF_RANGE,
    CHECK_BAD_TEXT,
    CHECK_DUPLICATE_NAME,
    CHECK_TOO_MANY_OBJECTS,
    /* names */
    CHECK_NO_ECOSYSTEM,
    CHECK_SEVERAL_ECOSYSTEMS,
    CHECK_NAME_COLLISION,
    CHECK_RESERVED_NAME,
    /* references */
    CHECK_DANGLING_REFERENCE,
    CHECK_UNDECLARED,
    CHECK_UNDEFINED,
    CHECK_WRONG_CONTAINER,
    CHECK_WRONG_CREDENTIAL,
    CHECK_MISSING_FILE,
    CHECK_UNKNOWN_LOCATION,
    CHECK_AMBIGUOUS_PLATFORM,
    CHECK_NO_PLATFORM,
    /* capture, columns */
    CHECK_CAPTURE_KEY,
    CHECK_CAPTURE_OPTION,
    CHECK_WATERMARK,
    CHECK_NO_KEY,
    CHECK_NULLABLE_KEY,
    CHECK_KEY_TYPE,
    CHECK_NO_COLUMNS,
    CHECK_UNSUPPORTED_TYPE,
    CHECK_TABLE_NAME,
    /* classification, policy */
    CHECK_CLASSIFICATION_TWICE,
    CHECK_MISSING_CLASSIFICATION,
    CHECK_POLICY,
    CHECK_UNKNOWN_POLICY_VALUE,
    /* production, deprecation */
    CHECK_NOT_PRODUCTION,
    CHECK_DEPRECATED,
    CHECK_DEPRECATED_ALLOWED,
    /* resources, PSPs */
    CHECK_REQUEST_OVER_LIMIT,
    CHECK_HINT_TARGET,
    CHECK_UNKNOWN_HINT,
    CHECK_MISSING_STORAGE,
    CHECK_MISPLACED_STORAGE,
    /* transformers */
    CHECK_NO_CAPTURE,
    CHECK_OUTPUT_CAPTURE,
    CHECK_OUTPUT_TEAM,
    CHECK_OUTPUT_TWICE,
    CHECK_TRANSFORMER_CYCLE,
    CHECK_IDLE_TRANSFORMER,
    CHECK_TRANSFORMER_INPUT,
    CHECK_CODE_COUNT
};

struct check_run {
    const struct model *model;
    struct findings *findings;
    struct arena *arena;   /* for what the checks remember; lives as long as the findings */
    struct map outputs;    /* store -> the struct object of the workspace whose transformer writes it; the first */
    struct map platforms;  /* data platform -> struct platform_of */
    struct map **datasets; /* by the index of a store's object: name -> struct dataset; NULL until it is asked for */
};
struct platform_of {
    const struct object *psp;
    const struct data_platform *platform;
};

typedef void check_fn(struct check_run *run);

struct check {
    const char *code;
    enum severity severity;
    const char *doc;
    check_fn *fn; /* looks for it, and for those after it that have none; NULL at first: found while reading */
};
extern const struct check checks[CHECK_CODE_COUNT];

struct finding *check_report(struct findings *findings, enum check_code code, struct place place, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* NULL when the store has no such dataset. */
const struct dataset *check_find_dataset(struct check_run *run, const struct object *store, const char *name);

/* Adds `did you mean "x"?` when a name among the keys of the map (or a list ending with NULL) is near to text. */
void check_suggest(struct findings *findings, struct finding *finding, const struct map *names, const char *text);
void check_suggest_dataset(struct check_run *run, struct finding *finding, const struct object *store,
                           const char *name);
void check_suggest_list(struct findings *findings, struct finding *finding, const char *const *names, const char *text);

check_fn check_ecosystem, check_names, check_references, check_capture, check_columns, check_classification,
    check_policy, check_production, check_resources, check_psps, check_transformers;

/* All objects of a kind, in name order. */
#define check_objects(object, run, wanted)                                                                             \
    for (const struct object *object = (run)->model->objects, *end_##object = object + (run)->model->count;            \
         object < end_##object; object++)                                                                              \
        if (object->kind == (wanted))

#endif
