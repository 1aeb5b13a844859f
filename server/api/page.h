#ifndef YELLOW_API_PAGE_H
#define YELLOW_API_PAGE_H

#include "http/http.h"

/* Lists as pages: each is {"items": [...]} with an ETag, and Link: rel="next" while there is more. */

enum { PAGE_PARTS = 3 };

/* A list: what it takes, and how a row of it is shown. A constant beside its handler. */
struct page_list {
    const char *const *query; /* NULL-terminated, with "limit" and "cursor" */
    size_t fallback, max;     /* of ?limit= */
    size_t parts;             /* of the cursor, 1 to PAGE_PARTS */
    size_t row_size;
    json_t *(*item)(const void *row, const void *ctx); /* a new reference */
    /* Where the page after this row begins, in as many parts; on the arena, or borrowed from the row. NULL: by the row's
     * number, an int64_t so many bytes into it. */
    void (*place)(struct arena *arena, const void *row, const char **parts);
    size_t number;
};

struct page {
    const struct page_list *list;
    size_t rows;                   /* to be read: one more than is shown, which tells that there is another page */
    const char *after[PAGE_PARTS]; /* of the cursor; NULL on the first page */
};

/* Reads ?limit= and ?cursor=. ERR_SYNTAX for a parameter that the list does not know, or a value that is none. */
int page_read(struct http_request *req, const struct page_list *list, struct page *out, struct err *err);
/* The cursor of a list that goes down in numbers from max to 1; 0 on the first page. ERR_SYNTAX when it is none. */
int page_before(const struct page *page, int64_t max, int64_t *out, struct err *err);
/* Answers with the count rows that were read, page->rows at the most. ctx goes to list->item. */
void page_reply(struct http_request *req, struct http_response *res, const struct page *page, const void *rows,
                size_t count, const void *ctx);

#endif
