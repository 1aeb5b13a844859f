#ifndef YELLOW_INGEST_JRECORDS_H
#define YELLOW_INGEST_JRECORDS_H

#include "base/err.h"
#include "base/jtext.h"

/* The records of one JSON text that comes in pieces: the elements of the list that a JSON pointer (RFC 6901) leads to,
 * and beside it one more value, the next cursor. All of the text is checked, but only one record is held at a time. */
struct jrecords;

enum { JRECORDS_VALUE_MAX = 16 << 20 };

struct jrecords_options {
    const char *records; /* "" or NULL: the text is the list */
    const char *cursor;  /* NULL: none */
    /* 1 and the next piece, borrowed until the next call; 0 at the end; negative on errors. */
    int (*read)(void *ctx, struct str *piece, struct err *err);
    /* Reads one record, whatever value it is; what it returns is what jtext_value would. Called again from the
     * record's beginning after JTEXT_MORE. What it takes out of the text is good until the next call of jrecords_next.
     */
    enum jtext_result (*record)(void *ctx, struct jtext *t);
    void *ctx;
};

/* ERR_INVALID: no pointer. Texts are borrowed. Free with jrecords_close. */
int jrecords_open(const struct jrecords_options *options, struct jrecords **out, struct err *err);
/* 1 after a record was read; 0 at the end of the text, which was well formed and had the list. ERR_SYNTAX says at which
 * byte what is wrong; ERR_TOO_LARGE: a value of more than JRECORDS_VALUE_MAX; or what read said. */
int jrecords_next(struct jrecords *records, struct err *err);
/* At the end: the cursor's text, NULL when there was none, null or "". Borrowed. */
const char *jrecords_cursor(const struct jrecords *records);
void jrecords_close(struct jrecords *records);

#endif
