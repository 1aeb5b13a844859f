#include "ingest/capture.h"

static const struct capture_kind *const kinds[] = {
    [CAPTURE_SQL_SNAPSHOT] = &capture_sql_snapshot,
    [CAPTURE_SQL_INCREMENTAL] = &capture_sql_incremental,
    [CAPTURE_CSV_S3] = &capture_csv_s3,
    [CAPTURE_JSON_API] = &capture_json_api,
    [CAPTURE_TRANSFORMER] = &capture_output,
};

const struct capture_kind *capture_kind_find(enum capture_type type)
{
    return kinds[type];
}

int ingest_fail(struct ingest *ingest, const char *cause, int rc)
{
    if (!ingest->cause)
        ingest->cause = cause;
    return rc;
}
