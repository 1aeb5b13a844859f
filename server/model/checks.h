#ifndef YELLOW_MODEL_CHECKS_H
#define YELLOW_MODEL_CHECKS_H

#include "model/model.h"
#include "model/place.h"

/* Every kind of finding, of all floors. One table (check_table.c) says its code, its severity, what must hold, what to
 * do and, where a check of this floor looks for it, which; docs/checks.md is made of it. */
enum check_code {
    /* reading */
    CHECK_YAML_SYNTAX,
    CHECK_YAML_DUPLICATE_KEY,
    CHECK_YAML_ALIAS,
    CHECK_YAML_TAG,
    CHECK_YAML_KEY,
    CHECK_YAML_DEPTH,
    CHECK_YAML_SIZE,
    CHECK_YAML_ENCODING,
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
    CHECK_BAD_NAME,
    CHECK_BAD_QUANTITY,
    CHECK_BAD_DURATION,
    CHECK_BAD_SCHEDULE,
    CHECK_BAD_TIMEZONE,
    CHECK_BAD_TYPE,
    CHECK_BAD_TEAM,
    CHECK_BAD_LOCATION,
    CHECK_BAD_LABEL,
    CHECK_BAD_HOST,
    CHECK_BAD_URL,
    CHECK_BAD_POINTER,
    CHECK_BAD_PATH,
    CHECK_BAD_STREAM,
    CHECK_BAD_IMAGE,
    CHECK_TOO_MANY_FINDINGS,
    /* names */
    CHECK_NO_ECOSYSTEM,
    CHECK_SEVERAL_ECOSYSTEMS,
    CHECK_NAME_COLLISION,
    CHECK_SHARED_NAMESPACE,
    CHECK_RESERVED_NAME,
    /* references */
    CHECK_DANGLING_REFERENCE,
    CHECK_UNDECLARED,
    CHECK_UNDEFINED,
    CHECK_WRONG_CONTAINER,
    CHECK_WRONG_CREDENTIAL,
    CHECK_CREDENTIAL_UNBOUND,
    CHECK_MISSING_FILE,
    CHECK_UNKNOWN_LOCATION,
    CHECK_AMBIGUOUS_PLATFORM,
    CHECK_LOOK_ALIKE_OWNERS,
    CHECK_NO_PLATFORM,
    /* capture and columns */
    CHECK_CAPTURE_KEY,
    CHECK_CAPTURE_OPTION,
    CHECK_WATERMARK,
    CHECK_NO_KEY,
    CHECK_NULLABLE_KEY,
    CHECK_KEY_TYPE,
    CHECK_NO_COLUMNS,
    CHECK_UNSUPPORTED_TYPE,
    CHECK_TABLE_NAME,
    /* classification and policy */
    CHECK_CLASSIFICATION_TWICE,
    CHECK_MISSING_CLASSIFICATION,
    CHECK_POLICY,
    CHECK_UNKNOWN_POLICY_VALUE,
    /* production and deprecation */
    CHECK_NOT_PRODUCTION,
    CHECK_DEPRECATED,
    CHECK_DEPRECATED_ALLOWED,
    /* sizes */
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
    /* the stack */
    CHECK_ASSEMBLY,
    CHECK_ASSEMBLY_UNKNOWN,
    CHECK_DEFINITION,
    CHECK_PARAMETER_MISSING,
    CHECK_PARAMETER_UNKNOWN,
    CHECK_PARAMETER_TYPE,
    CHECK_BINDING_UNKNOWN,
    CHECK_PROVIDES_TYPE,
    CHECK_REQUIREMENT,
    CHECK_TEMPLATE,
    CHECK_STACK,
    CHECK_CAPACITY,
    /* the commit */
    CHECK_REFUSED_FILE,
    CHECK_UNREADABLE_TREE,
    CHECK_ECOSYSTEM_NAME,
    /* ownership */
    CHECK_NOT_OWNER,
    CHECK_SEVERAL_OWNERS,
    CHECK_STANDING_DEFINITION,
    /* compatibility */
    CHECK_BREAKING_REMOVAL,
    CHECK_BREAKING_COLUMN,
    CHECK_BREAKING_KEY,
    CHECK_BREAKING_NOT_NULL,
    CHECK_BREAKING_NEW_COLUMN,
    CHECK_BREAKING_TYPE,
    CHECK_BREAKING_CLASSIFICATION,
    CHECK_NOW_NULLABLE,
    CHECK_APPROVED,
    CHECK_CODE_COUNT
};

enum check_known {
    CHECK_UNKNOWN,
    CHECK_KNOWN,            /* clean, and nothing that it names differs */
    CHECK_KNOWN_BUT_STORES, /* a workspace that is clean but for sinks on stores that differ */
};

struct check_run {
    const struct model *model;
    struct findings *findings;
    struct arena *arena;   /* for what the checks remember; lives as long as the findings */
    struct map outputs;    /* store -> the struct object of the workspace whose transformer writes it; the first */
    struct map platforms;  /* data platform -> struct platform_of */
    struct map **datasets; /* by the index of a store's object: name -> struct dataset; NULL until it is asked for */
    struct sink_target ***targets;     /* by the index of a workspace's object, its group and sink; NULL as above */
    const enum check_known *known;     /* by the index of an object; NULL: nothing is */
    const struct model_change *change; /* since it was */
    bool *found;                       /* by the index of an object: something was found in it */
};
struct platform_of {
    const struct object *psp;
    const struct object *merge; /* the container it merges into; NULL when there is none of that name */
    const struct data_platform *platform;
};

typedef void check_fn(struct check_run *run);

struct check {
    const char *code;
    enum severity severity;
    const char *area; /* a heading for people; codes of one area stand together */
    const char *doc;  /* what must hold */
    const char *help; /* what to do when it does not */
    check_fn *fn;     /* looks for it, and for those after it that have none; NULL: found elsewhere */
    bool alone;       /* fn looks at one object at a time, and at nothing else: done once for each unit */
};
extern const struct check checks[CHECK_CODE_COUNT];
/* The row of a finding's code, or NULL. */
const struct check *check_by_code(const char *code);

struct finding *check_report(struct findings *findings, enum check_code code, struct place place, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* What a sink names, as far as it is there; found once for all checks. */
struct sink_target {
    bool known;
    const struct object *store;
    const struct dataset *dataset;
};
const struct sink_target *check_sink_target(struct check_run *run, const struct object *workspace,
                                            const struct group *group, const struct sink *sink);

/* Adds `did you mean "x"?` when a name among the keys of the map (or a list ending with NULL) is near to text. */
void check_suggest(struct findings *findings, struct finding *finding, const struct map *names, const char *text);
void check_suggest_dataset(struct check_run *run, struct finding *finding, const struct object *store,
                           const char *name);
void check_suggest_list(struct findings *findings, struct finding *finding, const char *const *names, const char *text);

/* Names of the secrets of a stack's own parts, which stand beside those of credentials; ends with NULL. */
extern const char *const stack_secret_names[];

check_fn check_ecosystem, check_names, check_members, check_references, check_owners, check_capture, check_columns,
    check_classification, check_policy, check_production, check_resources, check_psps, check_transformers;

/* Of objects that are not known to be clean: what runs in between is about this one. */
bool check_begin(struct check_run *run, const struct object *object, size_t *before);
/* Whether a sink of a workspace that is due needs a look. */
bool check_sink_due(const struct check_run *run, const struct object *workspace, const struct sink *sink);
void check_end(struct check_run *run, const struct object *object, size_t before);

/* The same for all objects of a kind that need to be looked at: `check_due(object, run, KIND) statement`. */
#define check_due(object, run, wanted)                                                                                 \
    check_objects(object, run, wanted) for (size_t before_##object,                                                    \
                                            once_##object = check_begin(run, object, &before_##object);                \
                                            once_##object; once_##object = 0, check_end(run, object, before_##object))

/* All objects of a kind, in name order. */
#define check_objects(object, run, wanted)                                                                             \
    for (const struct object *object = (run)->model->objects, *end_##object = object + (run)->model->count;            \
         object < end_##object; object++)                                                                              \
        if (object->kind == (wanted))

#endif
