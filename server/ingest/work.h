#ifndef YELLOW_INGEST_WORK_H
#define YELLOW_INGEST_WORK_H

#include "model/datatype.h"
#include "model/job.h"
#include "model/view.h"

/* The work order of a run, as the server gave it: everything that a batch needs to know, in the types of the model. On
 * the arena it was read with. */

struct work_column {
    const char *name;
    struct datatype type;
    const char *sql; /* the type in PostgreSQL (datatype_sql): in the target, and what a source's value is cast to */
    bool key, nullable;
};

struct work_dataset {
    const struct dataset *model; /* its table at the source, prefix, pattern, path, records, watermark column */
    const char *name;
    const struct work_column *columns; /* in the order of the model */
    size_t column_count;
    const size_t *key;          /* indexes of the key columns, in the order of the model */
    size_t key_count;           /* 0: rows are matched on all columns, with multiplicity */
    const char *schema, *table; /* in the merge database (ingest/naming.h) */
};

/* A view of a workspace over one dataset of this work (DOMAIN.md section 10); full and as_of only when milestoned. */
struct work_view {
    size_t dataset;
    const char *ecosystem, *platform, *workspace, *group, *store;
    const char *schema, *name, *full, *as_of, *role;
};

/* What an operator asked for, to be done with the batch (ingest/operation.h). */
enum work_operation_kind { WORK_RESET, WORK_RESNAPSHOT, WORK_REWIND, WORK_DROP };
struct work_operation {
    int64_t id; /* grows */
    enum work_operation_kind kind;
    const char *watermark; /* of a rewind */
    int32_t batch;         /* of a rewind: what came after it is read again; 0: by the watermark */
    bool skip;             /* of a rewind: rows before the watermark are left out */
};

struct work {
    const char *ecosystem, *platform, *psp;
    const char *name; /* of the stream or the transformer */
    enum job_kind kind;
    int version; /* of the model */
    /* The lease. */
    int64_t run, fence;
    int32_t batch;
    bool milestoned;
    const struct datastore *store;       /* of a transformer: its output */
    const struct workspace *workspace;   /* whose transformer writes the store; NULL: the store is captured */
    const struct container *source;      /* NULL: a transformer's output */
    const struct credential *credential; /* of the source; NULL: none */
    const struct container *merge;
    const struct credential *merge_credential;
    const struct work_dataset *datasets;
    size_t dataset_count;
    const struct work_view *views;
    size_t view_count;
    const char *watermark;                  /* as the server knows it; the merge database is the truth */
    const struct work_operation *operation; /* NULL: none */
    struct resources resources;
    struct str sql; /* of a transformer in SQL: its file; absent otherwise */
};

/* Reads a started run (the body of 201 to POST .../runs). ERR_INVALID says what is missing: the server is of another
 * release. */
int work_read(struct arena *arena, struct str body, const struct work **out, struct err *err);
/* The same without a lease (the body of GET .../work): run, fence and batch are 0. */
int work_read_order(struct arena *arena, struct str body, const struct work **out, struct err *err);

/* The parts of it, for who has them otherwise. Texts of store, dataset and view are borrowed. */
int work_read_model(struct arena *arena, const json_t *objects, struct model **out, struct err *err);
int work_read_views(struct arena *arena, const json_t *list, struct views *out, struct err *err);
int work_dataset_make(struct arena *arena, const char *ecosystem, const char *platform, const struct datastore *store,
                      const struct dataset *dataset, struct work_dataset *out, struct err *err);
struct work_view work_view_make(struct arena *arena, const char *ecosystem, const struct view *view, size_t dataset);

#endif
