#include "base/crypto.h"
#include "http/http.h"
#include "http/url.h"

int http_page_limit(const struct http_request *req, size_t fallback, size_t max, size_t *limit, struct err *err)
{
    const char *text = http_query(req, "limit");
    int64_t value = (int64_t)fallback;
    if (text && !str_int64(str_from(text), 1, (int64_t)max, &value))
        return err_set(err, ERR_SYNTAX, "limit \"%.32s\" is not a number from 1 to %zu", text, max);
    *limit = (size_t)value;
    return 0;
}

/* Each part with its NUL, so that no separator can stand in a part; a version byte in front. */
char *http_cursor_make(struct arena *arena, const char *const *parts, size_t n)
{
    struct buf *raw = buf_new(arena);
    buf_addc(raw, '1');
    for (size_t i = 0; i < n; i++)
        buf_add(raw, parts[i], strlen(parts[i]) + 1);
    return crypto_base64url(arena, buf_str(raw));
}

int http_cursor_refuse(struct err *err)
{
    (void)err_set(err, ERR_SYNTAX, "the cursor is not one that this list gave");
    return err_hint(err, "follow the Link header's rel=\"next\", or begin without a cursor");
}

int http_cursor_read(struct http_request *req, const char **parts, size_t n, bool *present, struct err *err)
{
    const char *text = http_query(req, "cursor");
    if (!text) {
        *present = false;
        return 0;
    }
    struct str raw;
    if (strlen(text) > 2048 || !crypto_base64url_decode(req->arena, str_from(text), &raw) || raw.len < 1 ||
        raw.data[0] != '1')
        goto bad;
    raw.data++, raw.len--;
    if (!str_is_utf8(raw))
        goto bad;
    for (size_t i = 0; i < n; i++) {
        const char *end = raw.len ? memchr(raw.data, '\0', raw.len) : NULL;
        if (!end)
            goto bad;
        parts[i] = raw.data;
        raw.len -= (size_t)(end - raw.data) + 1;
        raw.data = end + 1;
    }
    if (raw.len)
        goto bad;
    *present = true;
    return 0;
bad:
    return http_cursor_refuse(err);
}

void http_link_next(struct http_request *req, struct http_response *res, const char *cursor)
{
    struct buf *link = buf_new(req->arena);
    buf_addc(link, '<');
    url_encode(link, str_from(req->path), true);
    char sep = '?';
    for (size_t i = 0; i < req->query_count; i++) {
        if (strcmp(req->query[i].name, "cursor") == 0)
            continue;
        buf_addc(link, sep);
        url_encode(link, str_from(req->query[i].name), false);
        buf_addc(link, '=');
        url_encode(link, str_from(req->query[i].value), false);
        sep = '&';
    }
    buf_addf(link, "%ccursor=", sep);
    url_encode(link, str_from(cursor), false);
    buf_adds(link, ">; rel=\"next\"");
    http_add_header(req, res, "Link", buf_text(link));
}
