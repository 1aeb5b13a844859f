#ifndef YELLOW_INGEST_S3_H
#define YELLOW_INGEST_S3_H

#include "ingest/remote.h"
#include "model/model.h"

/* A bucket over the S3 API, signed with AWS signature 4. The bucket's name stands in the path; in the host only where
 * the address is Amazon's (BUCKET.s3.REGION.amazonaws.com), or where the registered endpoint begins with it. */
struct s3;

struct s3_object {
    const char *key;
    const char *etag;     /* without quotes */
    const char *modified; /* ISO 8601: orders as a text */
    int64_t bytes;
};

/* The container must be of type s3. Everything is on the arena, the connection ends with it. ERR_USAGE: the endpoint is
 * no URL. */
int s3_open(struct arena *arena, const struct container *container, const char *access_key, const char *secret_key,
            const struct progress *progress, struct s3 **out, struct err *err);
/* Why the last call failed (model/cause.h), NULL when it was stopped. */
const char *s3_cause(const struct s3 *s3);

/* A page of the objects below prefix, in the order of their keys, on the arena. *token: NULL for the first page; NULL
 * afterwards when it was the last one. */
int s3_list(struct s3 *s3, struct arena *arena, const char *prefix, const char **token, struct s3_object **objects,
            size_t *count, struct err *err);

/* Reads an object as it was listed: one that was replaced since is ERR_STALE. A read that breaks off goes on where it
 * was. */
int s3_read_begin(struct s3 *s3, const struct s3_object *object, struct err *err);
/* 1 and the next piece, borrowed; 0 at the end, when all bytes were there. A csv_read_fn with the s3 as its ctx. */
int s3_read(void *s3, struct str *piece, struct err *err);

#endif
