#ifndef YELLOW_MODEL_MODEL_H
#define YELLOW_MODEL_MODEL_H

#include "base/json.h"
#include "base/map.h"
#include "model/finding.h"
#include "model/resources.h"

/* A company's model as typed objects (DOMAIN.md section 1). Immutable after model_load; it lives with its arena. Texts
 * are NUL-terminated and NULL when absent. Every object keeps where it was defined. Every struct here is described by a
 * field table (model/fields.h): loading, checking of keys and types, JSON and the published schemas all use that one.
 */

enum object_kind {
    OBJECT_ECOSYSTEM,
    OBJECT_ZONE,
    OBJECT_CONTAINER,
    OBJECT_CREDENTIAL,
    OBJECT_DATASTORE,
    OBJECT_WORKSPACE,
    OBJECT_PSP,
    OBJECT_COMPONENT,
    OBJECT_ASSEMBLY,
    OBJECT_KIND_COUNT
};
extern const char *const object_kind_names[OBJECT_KIND_COUNT]; /* "Ecosystem", "GovernanceZone", "DataContainer", ... */

struct texts {
    const char **items;
    size_t len;
};
struct owner {
    const char *repository, *branch;
};
struct owned {
    struct place place;
    const char *name;
    struct owner owner;
}; /* a zone or team declaration */
struct vendor {
    struct place place;
    const char *name, *cloud;
    struct texts locations;
};

struct ecosystem {
    const char *name;
    struct owner owner;
    vec(struct vendor) vendors;
    vec(struct owned) zones;
};
struct policy {
    struct place place;
    bool present;
    struct texts allow, deny;
};
struct zone {
    const char *name;
    vec(struct owned) teams;
    struct {
        struct policy classifications, locations, vendors;
    } policies;
};

enum container_type { CONTAINER_POSTGRES, CONTAINER_S3, CONTAINER_HTTP, CONTAINER_MANAGED };
struct container {
    const char *name, *team; /* team: whose it is; NULL: the ecosystem's */
    enum container_type type;
    const char *host;
    int64_t port;
    const char *database;                   /* postgres */
    const char *sslmode;                    /* postgres; NULL: libpq's own */
    const char *endpoint, *bucket, *region; /* s3 */
    const char *url;                        /* http */
    struct texts locations;
    const char *storage;
};
enum credential_type { CREDENTIAL_USER_PASSWORD, CREDENTIAL_TOKEN, CREDENTIAL_API_KEY, CREDENTIAL_S3_KEYS };
struct credential {
    const char *name, *team;
    enum credential_type type;
    struct texts containers; /* the only ones it is sent to */
};

enum capture_type {
    CAPTURE_SQL_SNAPSHOT,
    CAPTURE_SQL_INCREMENTAL,
    CAPTURE_CSV_S3,
    CAPTURE_JSON_API,
    CAPTURE_TRANSFORMER
};
enum consistency { CONSISTENCY_MULTI_DATASET, CONSISTENCY_SINGLE_DATASET };
struct csv_options {
    bool header;
    const char *delimiter, *quote, *null_text, *encoding;
    int64_t bad_rows;
};
struct paging {
    const char *type, *parameter, *pointer;
    int64_t size;
}; /* none | page | offset | cursor | link */
struct capture {
    struct place place;
    bool present;           /* false: CAPTURE_TRANSFORMER */
    enum capture_type type; /* CAPTURE_TRANSFORMER: the store has no `capture`, it is a transformer's output */
    const char *container, *credential, *schedule; /* cron text or "external" */
    const char *timezone;                          /* of the cron; NULL: that of the PSP */
    enum consistency consistency;
    const char *watermark;  /* sql-incremental: the column, in every dataset unless it names its own */
    const char *overlap;    /* sql-incremental: duration read again, "5m" */
    struct csv_options csv; /* csv-s3 */
    struct paging paging;   /* json-api */
};
struct column {
    struct place place;
    const char *name, *type, *classification;
    bool key, nullable;
};
struct dataset {
    struct place place;
    const char *name, *table, *classification, *watermark;
    const char *prefix, *pattern; /* csv-s3 */
    const char *path, *records;   /* json-api: path of the request, JSON pointer to the records */
    bool deprecated;
    vec(struct column) columns;
};
struct datastore {
    const char *name, *team;
    bool production;
    struct capture capture;
    struct resources resources; /* "hint on its store" */
    vec(struct dataset) datasets;
};

enum milestoning { MILESTONING_LIVE, MILESTONING_MILESTONED };
enum priority { PRIORITY_LOW, PRIORITY_MEDIUM, PRIORITY_HIGH, PRIORITY_CRITICAL };
struct sink {
    struct place place;
    const char *store, *dataset;
    bool deprecation_allowed;
};
struct group {
    struct place place;
    const char *name;
    struct {
        const char *name;
        bool by_milestoning;
        enum milestoning milestoning;
        const char *latency;
    } platform;
    vec(struct sink) sinks;
};
enum code_type { CODE_SQL, CODE_PYTHON, CODE_CONTAINER };
struct transformer {
    struct place place;
    bool present;
    const char *name;
    enum code_type code;
    const char *file;                     /* sql */
    const char *repository, *ref, *entry; /* python */
    const char *image;
    struct texts command;         /* container */
    const char *output, *trigger; /* trigger: "inputs" or cron */
    const char *timezone;         /* of the cron; NULL: that of the PSP */
    struct resources resources;
};
/* Which of 256 kinds of names are among some: two without a common bit have no name in common. */
struct name_filter {
    uint64_t bits[4];
};
struct workspace {
    const char *name, *team;
    enum priority priority;
    bool production;
    const char *container;
    vec(struct group) groups;
    struct transformer transformer;
    struct name_filter stores; /* that its sinks name: few workspaces are looked through for a store */
};

struct psp_default {
    struct resources resources;
    const char *storage;
};
struct data_platform {
    struct place place;
    const char *name;
    enum milestoning milestoning;
    const char *latency;
};
struct hint {
    struct place place;
    const char *stream, *transformer, *store, *kind; /* exactly one; kind: a capture type or "transformer" */
    const char *platform;                            /* NULL: every platform of the PSP */
    struct resources resources;
};
struct psp {
    const char *name, *namespace, *assembly;
    json_t *parameters; /* object, {} when absent; lives with the arena */
    struct {
        const char *container, *credential;
    } merge;
    const char *image, *image_pull_policy, *storage_class, *capacity;
    const char *timezone; /* of the crons of its jobs, unless they have their own; NULL: UTC */
    struct {
        const char *postgres, *dags, *logs, *git_cache;
    } storage_classes;
    struct {
        struct psp_default ingestion, transformer, airflow_web, airflow_scheduler, postgres;
    } defaults;
    vec(struct data_platform) platforms;
    vec(struct hint) hints;
};
/* A company's own component or assembly: kept as a JSON tree here, given meaning by stack/. */
struct definition {
    const char *name;
    json_t *body;
};

struct object {
    enum object_kind kind;
    const char *name;
    struct place place;
    struct str body; /* canonical JSON (base/json.h): keys sorted, defaults left out; the object's identity */
    char hash[65];   /* SHA-256 of body in hexadecimal */
    union {
        struct ecosystem *ecosystem;
        struct zone *zone;
        struct container *container;
        struct credential *credential;
        struct datastore *datastore;
        struct workspace *workspace;
        struct psp *psp;
        struct definition *definition;
        void *data; /* any of them, for code that runs off the field tables */
    };
};

struct model_file {
    const char *path;
    struct str data;
};

struct unit; /* model/unit.h */

struct model {
    struct arena *arena;
    struct object *objects; /* sorted by kind, then name in byte order */
    size_t count;
    struct map by_kind[OBJECT_KIND_COUNT]; /* name -> struct object */
    struct map files;                      /* path -> struct model_file: files that are not YAML (SQL, templates) */
    struct unit **units;                   /* what the objects are parts of, by path; they live as long as the model */
    size_t unit_count;
    size_t own_units; /* the first of them, in the order of their paths; the others were checked by themselves before */
};

/* Of one load. Findings beyond a limit name it. */
struct model_limits {
    size_t file_bytes, depth, nodes; /* of one YAML file */
    size_t objects;
};
extern const struct model_limits model_limits_default; /* 4 MiB, 32, 2,000,000, 100,000 */

/* Loads all documents of all YAML files (*.yaml, *.yml); other files are kept in model->files. What is wrong goes to
 * findings, all of it; the model holds what could be read. Pure. */
struct model *model_load(struct arena *arena, const struct model_file *files, size_t n, struct findings *findings);
struct model *model_load_limited(struct arena *arena, const struct model_file *files, size_t n,
                                 const struct model_limits *limits, struct findings *findings);
/* The checks of DOMAIN.md section 2 that need no history. Adds to findings; call findings_sort afterwards. */
void model_check(const struct model *model, struct findings *findings);

/* What a check leaves for the next one: by the index of a model's object, whether nothing was found in it and in what
 * it names. Errors and warnings both count, so that what is found is found again. */
struct checked {
    const struct model *model;
    const bool *clean;
};
struct model_change;
/* The same findings, by looking again only at stores and workspaces that differ from those of former, that name one
 * that does, or that were not clean. former and change (of its model to this one) may be NULL. clean is on the arena.
 */
struct checked model_check_after(struct arena *arena, const struct model *model, const struct checked *former,
                                 const struct model_change *change, struct findings *findings);

/* An object as it was stored. */
struct model_body {
    enum object_kind kind;
    const char *name;
    struct place place;
    struct str body;
};
/* The model out of stored bodies; ERR_INTERNAL when a body does not load (a defect or a meddled database). Objects are
 * equal, byte for byte in body and hash, to those that were stored. */
int model_from_bodies(struct arena *arena, const struct model_body *bodies, size_t n, struct model **out,
                      struct err *err);

/* What came and went between two stored versions of a model. */
struct model_step {
    const struct model *former; /* NULL: there is none, all came */
    struct {
        enum object_kind kind;
        const char *name;
    } * gone; /* also what comes again, changed */
    size_t gone_count;
    const char *const *gone_files;
    size_t gone_file_count;
    struct unit *const *fresh; /* with what came */
    size_t fresh_count;
};
/* The model after the step. It shares the former one's units, not its arena. */
struct model *model_after(struct arena *arena, const struct model_step *step);
/* Memory of a model's units. */
size_t model_bytes(const struct model *model);
/* The model as storing it after former (NULL: the first version) and loading it would give it: an object that former
 * has too keeps the place that it came in with, a new one that of its document's line. Shares the objects' memory. */
struct model *model_as_stored(struct arena *arena, const struct model *model, const struct model *former);

/* The file that an object names by its path in the object's own repository; NULL when absent. */
const struct model_file *model_file_of(const struct model *model, const struct object *object, const char *path);
void name_filter_add(struct name_filter *filter, const char *name);
bool name_filter_meets(const struct name_filter *a, const struct name_filter *b);
/* The order of a model's objects. */
int object_compare(const struct object *a, const struct object *b);
/* NULL when absent. */
const struct object *model_find(const struct model *model, enum object_kind kind, const char *name);
/* Where the text of a value is written, or its owner's place where that is not known. */
struct place model_place(const struct model *model, const char *text, struct place owner);
/* Whether the credential may be sent to the container of that name. */
bool credential_is_bound(const struct credential *credential, const char *container);
/* The one Ecosystem object, or NULL. */
const struct object *model_ecosystem(const struct model *model);
/* False when text is no kind. */
bool object_kind_parse(const char *text, enum object_kind *out);

#endif
