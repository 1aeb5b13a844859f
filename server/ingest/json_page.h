#ifndef YELLOW_INGEST_JSON_PAGE_H
#define YELLOW_INGEST_JSON_PAGE_H

#include "http/client.h"
#include "model/model.h"

/* Where the pages of an HTTP API are. The first one is at the container's address with the dataset's path. Then:
 *   none     there is no other
 *   page     parameter=1, 2, 3, ...: until a page is empty
 *   offset   parameter=how many records there were before: the same
 *   cursor   parameter=what the last answer held at pointer: until there is nothing
 *   link     the URL of rel="next" in the answer's Link, of the same origin: until there is none */
struct json_page {
    const struct paging *paging;
    const char *first; /* without paging's own parameter */
    const char *url;   /* of this page */
    int64_t number;    /* from 1 */
    int64_t records;   /* of the pages before */
    bool may_be_none;  /* the page before was shorter than size: some APIs have 404 for an empty page then */
    uint64_t *seen;    /* hashes of cursors and URLs */
    size_t seen_count, seen_cap;
};

/* The first page; on the arena. paging is as a loaded model has it. */
void json_page_begin(struct arena *arena, const struct container *container, const struct dataset *dataset,
                     const struct paging *paging, struct json_page *page);
/* What the page that was just read tells about the next: how many records it had, and its cursor (NULL: none) or its
 * head. 1: page is the next one; 0: there is none. ERR_INVALID: the next page is elsewhere, or was there before. url is
 * on the arena. */
int json_page_next(struct arena *arena, struct json_page *page, int64_t records, const char *cursor, const char *link,
                   struct err *err);
/* The URL of rel="next" in the value of a Link header (RFC 8288), on the arena; NULL when there is none. */
const char *json_page_link(struct arena *arena, const char *link);
void json_page_dispose(struct json_page *page);

#endif
