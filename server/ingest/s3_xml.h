#ifndef YELLOW_INGEST_S3_XML_H
#define YELLOW_INGEST_S3_XML_H

#include "ingest/s3.h"

#include "base/vec.h"

/* The few XML answers of the S3 API, read piece by piece: ListBucketResult and Error. */
struct s3_xml;

struct s3_answer {
    vec(struct s3_object) objects;
    bool truncated, encoded; /* there is more; keys are escaped as in URLs */
    const char *token;       /* of the next page */
    const char *code;        /* of an Error */
};

/* Everything on the arena. */
struct s3_xml *s3_xml_new(struct arena *arena);
/* ERR_SYNTAX: no XML, or none that we accept (a document type). end: nothing follows. */
int s3_xml_add(struct s3_xml *xml, struct str piece, bool end, struct err *err);
/* ERR_SYNTAX: not such a list. */
int s3_xml_finish(struct s3_xml *xml, struct s3_answer **out, struct err *err);

#endif
