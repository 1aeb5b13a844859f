#include "ingest/json_page.h"

#include "base/buf.h"
#include "http/stream.h"
#include "http/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static bool is(const struct json_page *page, const char *type)
{
    return strcmp(page->paging->type, type) == 0;
}

/* With one more parameter. */
static const char *with(struct arena *arena, const char *url, const char *name, const char *value)
{
    struct buf *out = buf_new(arena);
    buf_adds(out, url);
    buf_addc(out, strchr(url, '?') ? '&' : '?');
    url_encode(out, str_from(name), false);
    buf_addc(out, '=');
    url_encode(out, str_from(value), false);
    return buf_text(out);
}

static const char *with_number(struct arena *arena, const struct json_page *page, int64_t number)
{
    return with(arena, page->first, page->paging->parameter, arena_printf(arena, "%lld", (long long)number));
}

void json_page_dispose(struct json_page *page)
{
    free(page->seen);
    page->seen = NULL;
}

/* False when it was there before. Open addressing over hashes of 64 bits. */
static bool remember(struct json_page *page, const char *text)
{
    uint64_t hash = str_hash(str_from(text)) | 1;
    if (page->seen_count * 2 >= page->seen_cap) {
        size_t cap = page->seen_cap ? page->seen_cap * 2 : 64;
        uint64_t *grown = calloc(cap, sizeof *grown);
        if (!grown)
            abort();
        for (size_t i = 0; i < page->seen_cap; i++) {
            size_t at = (size_t)(page->seen[i] >> 1) & (cap - 1);
            while (page->seen[i] && grown[at])
                at = (at + 1) & (cap - 1);
            if (page->seen[i])
                grown[at] = page->seen[i];
        }
        free(page->seen);
        page->seen = grown;
        page->seen_cap = cap;
    }
    size_t at = (size_t)(hash >> 1) & (page->seen_cap - 1);
    for (; page->seen[at]; at = (at + 1) & (page->seen_cap - 1))
        if (page->seen[at] == hash)
            return false;
    page->seen[at] = hash;
    page->seen_count++;
    return true;
}

void json_page_begin(struct arena *arena, const struct container *container, const struct dataset *dataset,
                     const struct paging *paging, struct json_page *page)
{
    struct str address = str_from(container->url);
    const char *path = dataset->path ? dataset->path : "";
    while (address.len && address.data[address.len - 1] == '/')
        address.len--;
    *page = (struct json_page){.paging = paging, .number = 1};
    page->first =
        arena_printf(arena, STR_FMT "%s%s", STR_ARG(address), !path[0] || strchr("/?", path[0]) ? "" : "/", path);
    page->url = is(page, "page")     ? with_number(arena, page, 1)
                : is(page, "offset") ? with_number(arena, page, 0)
                                     : page->first;
    (void)remember(page, page->url);
}

/* Whether the parameters of a link, ; name=value ..., name it the next one. */
static bool is_next(struct str parameters)
{
    while (parameters.data) {
        struct str value = str_cut(&parameters, ';'), name = str_trim(str_cut(&value, '='));
        value = str_trim(value);
        if (name.len != 3 || strncasecmp(name.data, "rel", 3) != 0 || !value.data)
            continue;
        if (value.len >= 2 && value.data[0] == '"' && value.data[value.len - 1] == '"')
            value = (struct str){value.data + 1, value.len - 2};
        while (value.data) { /* one or more, with spaces between */
            struct str rel = str_cut(&value, ' ');
            if (rel.len == 4 && strncasecmp(rel.data, "next", 4) == 0)
                return true;
        }
    }
    return false;
}

const char *json_page_link(struct arena *arena, const char *link)
{
    for (const char *open = link ? strchr(link, '<') : NULL; open;) {
        const char *close = strchr(open, '>');
        if (!close)
            return NULL;
        const char *end = close; /* the comma before the next link, outside of quotes */
        bool quoted = false;
        for (; *end && (quoted || *end != ','); end++)
            quoted ^= *end == '"';
        if (is_next((struct str){close + 1, (size_t)(end - close - 1)}))
            return arena_strndup(arena, open + 1, (size_t)(close - open - 1));
        open = strchr(end, '<');
    }
    return NULL;
}

static int next_link(struct arena *arena, struct json_page *page, const char *link, struct err *err)
{
    const char *next = json_page_link(arena, link);
    if (!next)
        return 0;
    next = http_resolve(arena, page->url, next);
    if (!next || !http_same_origin(page->first, next))
        return err_set(err, ERR_INVALID, "page %lld names a next page at another address", (long long)page->number);
    page->url = next;
    return 1;
}

int json_page_next(struct arena *arena, struct json_page *page, int64_t records, const char *cursor, const char *link,
                   struct err *err)
{
    const struct paging *paging = page->paging;
    int64_t number = page->number;
    int rc = 0;
    if (is(page, "page") || is(page, "offset")) {
        /* A short page need not be the last: an API may give fewer records a page than it was asked for. */
        if (records == 0)
            return 0;
        page->records += records;
        page->may_be_none = records < paging->size;
        page->url = with_number(arena, page, is(page, "page") ? number + 1 : page->records);
        rc = 1;
    } else if (is(page, "cursor") && cursor) {
        page->url = with(arena, page->first, paging->parameter, cursor);
        rc = 1;
    } else if (is(page, "link")) {
        rc = next_link(arena, page, link, err);
    }
    if (rc == 1 && !remember(page, page->url))
        return err_set(err, ERR_INVALID, "page %lld names a next page that was there before", (long long)number);
    page->number += rc == 1;
    return rc;
}
