#include "api/page.h"

int page_read(struct http_request *req, const struct page_list *list, struct page *out, struct err *err)
{
    struct page page = {.list = list};
    size_t limit;
    bool present;
    if (http_check_query(req, list->query, err) != 0 ||
        http_page_limit(req, list->fallback, list->max, &limit, err) != 0 ||
        http_cursor_read(req, page.after, list->parts, &present, err) != 0)
        return -err->code;
    page.rows = limit + 1;
    *out = page;
    return 0;
}

int page_before(const struct page *page, int64_t max, int64_t *out, struct err *err)
{
    *out = 0;
    return !page->after[0] || str_int64(str_from(page->after[0]), 1, max, out) ? 0 : http_cursor_refuse(err);
}

void page_reply(struct http_request *req, struct http_response *res, const struct page *page, const void *rows,
                size_t count, const void *ctx)
{
    const struct page_list *list = page->list;
    const char *row = rows, *parts[PAGE_PARTS];
    json_t *items = json_array();
    for (size_t i = 0; i < count && i + 1 < page->rows; i++)
        json_array_append_new(items, list->item(row + i * list->row_size, ctx));
    if (count == page->rows) {
        row += (count - 2) * list->row_size;
        if (list->place)
            list->place(req->arena, row, parts);
        else
            parts[0] =
                arena_printf(req->arena, "%lld", (long long)*(const int64_t *)(const void *)(row + list->number));
        http_link_next(req, res, http_cursor_make(req->arena, parts, list->parts));
    }
    http_reply_json(res, 200, json_own(req->arena, json_pack("{s:o}", "items", items)));
    http_set_body_etag(req, res);
}
