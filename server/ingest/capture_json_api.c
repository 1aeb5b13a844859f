#include "base/crypto.h"
#include "ingest/capture.h"
#include "ingest/credential.h"
#include "ingest/jrecords.h"
#include "ingest/json_api.h"
#include "ingest/json_page.h"
#include "ingest/json_rows.h"
#include "ingest/remote.h"

#include <stdlib.h>

/* json-api: the pages of an endpoint, one after the other, each record as it comes. A page is begun again when it
 * breaks off before any of its records was given out, which is up to HELD bytes; behind that the batch fails, and the
 * next run begins it again. */

struct json_api_limits json_api_limits = {.page_bytes = UINT64_C(4) << 30, .pages = 100000};

enum { HELD = 8 << 20, HASHED = 64 << 10 };

struct capturing {
    struct ingest *ingest;
    struct remote remote;
    const char **headers;
};

struct page_rows {
    struct rows rows; /* first */
    struct capturing *capture;
    const struct work_dataset *dataset;
    struct json_rows json;
    struct json_page page;
    struct jrecords *records;            /* of the page that is open */
    struct arena *arena, *spare;         /* of the page's URL, and of the next one's */
    struct buf held;                     /* the beginning of the page */
    bool answered, held_given, complete; /* held was read; it is all of the page */
    const char *link;
    int64_t record; /* number in the page */
    uint64_t page_bytes, hash, last_hash;
    bool done;
};

static int add_header(struct capturing *capture, const char *name, const char *before, const char *value,
                      struct err *err)
{
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c < 0x20)
            return err_set(err, ERR_INVALID, "credential \"%s\" is no text for a header",
                           capture->ingest->work->credential->name);
    capture->headers[1] = arena_printf(capture->ingest->arena, "%s: %s%s", name, before, value);
    return 0;
}

static int add_credential(struct capturing *capture, struct err *err)
{
    struct ingest *ingest = capture->ingest;
    const struct credential *credential = ingest->work->credential;
    const char *value = NULL, *other = NULL;
    int rc = 0;
    if (!credential)
        return 0;
    switch (credential->type) {
    case CREDENTIAL_TOKEN:
        rc = credential_value(ingest->arena, credential, ingest->work->source, "token", &value, err);
        return rc ? rc : add_header(capture, "Authorization", "Bearer ", value, err);
    case CREDENTIAL_API_KEY:
        if (credential_value(ingest->arena, credential, ingest->work->source, "header", &other, ERR_IGNORED))
            other = "X-Api-Key";
        rc = credential_value(ingest->arena, credential, ingest->work->source, "key", &value, err);
        return rc ? rc : add_header(capture, other, "", value, err);
    case CREDENTIAL_USER_PASSWORD:
        rc = credential_value(ingest->arena, credential, ingest->work->source, "username", &value, err);
        if (rc == 0)
            rc = credential_value(ingest->arena, credential, ingest->work->source, "password", &other, err);
        if (rc)
            return rc;
        value = arena_printf(ingest->arena, "%s:%s", value, other);
        return add_header(capture, "Authorization", "Basic ", crypto_base64(ingest->arena, str_from(value)), err);
    default:
        return err_set(err, ERR_INVALID, "credential \"%s\" is of no use to an HTTP API", credential->name);
    }
}

static int begin(struct ingest *ingest, struct capturing **out, struct err *err)
{
    struct capturing *capture = arena_alloc(ingest->arena, sizeof *capture);
    capture->ingest = ingest;
    capture->headers = arena_calloc(ingest->arena, 3, sizeof *capture->headers);
    capture->headers[0] = "Accept: application/json";
    int rc = add_credential(capture, err);
    if (rc == 0)
        rc = remote_open(&capture->remote, ingest->progress,
                         (struct http_stream_options){.origin = ingest->work->source->url}, err);
    if (rc)
        return ingest_fail(ingest, "configuration", rc);
    *out = capture;
    return 0;
}

/* "page 2 of https://example.net/things: what is wrong" */
static int fail(struct page_rows *rows, const char *cause, int rc, struct err *err)
{
    struct arena *arena = arena_new();
    (void)err_prefix(err, "page %lld of %s", (long long)rows->page.number,
                     http_client_plain_url(arena, rows->page.first));
    arena_free(arena);
    return ingest_fail(rows->capture->ingest, cause, rc);
}

static int fail_remote(struct page_rows *rows, int rc)
{
    const char *cause = rows->capture->remote.cause;
    return cause ? ingest_fail(rows->capture->ingest, cause, rc) : rc;
}

/* The bytes of the page as they come. */
static int read_remote(struct page_rows *rows, struct str *piece, struct err *err)
{
    int rc = remote_read(&rows->capture->remote, piece, err);
    if (rc <= 0)
        return rc;
    for (size_t i = 0; i < piece->len && rows->page_bytes + i < HASHED; i++)
        rows->hash = (rows->hash ^ (unsigned char)piece->data[i]) * 0x100000001b3u;
    rows->page_bytes += piece->len;
    if (rows->page_bytes > json_api_limits.page_bytes)
        return remote_fail(
            &rows->capture->remote, "source-error",
            err_set(err, ERR_TOO_LARGE, "more than %llu bytes", (unsigned long long)json_api_limits.page_bytes));
    atomic_fetch_add_explicit(&rows->capture->ingest->progress->bytes, piece->len, memory_order_relaxed);
    return 1;
}

static int read_page(void *ctx, struct str *piece, struct err *err)
{
    struct page_rows *rows = ctx;
    if (!rows->held_given) {
        rows->held_given = true;
        *piece = buf_str(&rows->held);
        return 1;
    }
    return rows->complete ? 0 : read_remote(rows, piece, err);
}

/* Asks for the page and holds its beginning. */
static int try_page(struct page_rows *rows, struct err *err)
{
    struct capturing *capture = rows->capture;
    struct http_client_response head;
    struct str piece;
    rows->page_bytes = 0;
    rows->hash = 0xcbf29ce484222325u;
    rows->answered = rows->held_given = rows->complete = false;
    buf_cut(&rows->held, 0);
    int rc = remote_get(&capture->remote, rows->page.url, capture->headers, &head, err);
    if (rc)
        return rc;
    bool none = head.status == 204 || (head.status == 404 && rows->page.may_be_none);
    if (head.status != 200 && !none)
        return remote_refused(&capture->remote, &head, "the page", NULL, err);
    rows->answered = true;
    const char *encoding = http_client_header(&head, "Content-Encoding"), *link = http_client_header(&head, "Link");
    if (encoding && strcasecmp(encoding, "identity") != 0)
        return remote_fail(&capture->remote, "source-error",
                           err_set(err, ERR_MEDIA, "it is compressed (%.40s), which was not asked for", encoding));
    rows->link = link ? arena_strdup(rows->arena, link) : NULL;
    while ((rc = read_remote(rows, &piece, err)) == 1) {
        buf_add_str(&rows->held, piece);
        if (rows->held.len >= HELD)
            return 0;
    }
    rows->complete = rc == 0;
    if (rc == 0 && none) /* no records, and no next cursor */
        rows->done = true;
    return rc;
}

static enum jtext_result read_record(void *ctx, struct jtext *t)
{
    struct page_rows *rows = ctx;
    return json_rows_read(&rows->json, t);
}

static int open_page(struct page_rows *rows, struct err *err)
{
    const struct jrecords_options options = {
        .records = rows->dataset->model->records,
        .cursor = rows->page.paging->pointer,
        .read = read_page,
        .record = read_record,
        .ctx = rows,
    };
    int rc;
    for (int tried = 1;; tried++) {
        rc = try_page(rows, err);
        bool broken = rc && (err->code == ERR_UNAVAILABLE || err->code == ERR_TIMEOUT) && rows->answered;
        if (!broken || tried == remote_limits.tries)
            break;
        if ((rc = remote_wait(&rows->capture->remote, tried, 0, err)) != 0)
            return rc;
    }
    if (rc)
        return rows->capture->remote.cause ? fail(rows, rows->capture->remote.cause, rc, err) : rc;
    rows->record = 0;
    if (rows->done)
        return 0;
    rc = jrecords_open(&options, &rows->records, err);
    return rc ? ingest_fail(rows->capture->ingest, "configuration", rc) : 0;
}

/* After the last record of a page: 0, and rows->done when it was the last one. */
static int close_page(struct page_rows *rows, struct err *err)
{
    const char *cursor = jrecords_cursor(rows->records);
    int rc = 0;
    /* Of rows with a key, the same page again can only be one that does not know its parameter. */
    if (rows->record && rows->page.number > 1 && rows->dataset->key_count &&
        (rows->hash ^ rows->page_bytes) == rows->last_hash)
        rc = err_set(err, ERR_INVALID, "it is the page before again");
    else if (rows->page.number >= json_api_limits.pages)
        rc = err_set(err, ERR_TOO_LARGE, "more than %lld pages", (long long)json_api_limits.pages);
    else
        rc = json_page_next(rows->spare, &rows->page, rows->record, cursor, rows->link, err);
    if (rc < 0)
        return fail(rows, "source-error", rc, err);
    rows->done = rc == 0;
    rows->last_hash = rows->hash ^ rows->page_bytes;
    jrecords_close(rows->records);
    rows->records = NULL;
    struct arena *arena = rows->arena; /* of the page that is past */
    rows->arena = rows->spare;
    rows->spare = arena;
    arena_reset(arena);
    return 0;
}

static int put_aside(struct page_rows *rows, const char *column, const char *reason, struct err *err)
{
    struct ingest *ingest = rows->capture->ingest;
    struct arena *arena = arena_new();
    /* Links to a next page may carry tokens: as in errors, the query stays out. */
    int rc = quarantine_add(ingest->quarantine,
                            &(struct quarantine_row){.dataset = rows->dataset->name,
                                                     .object = http_client_plain_url(arena, rows->page.url),
                                                     .line = rows->record,
                                                     .column = column,
                                                     .reason = reason,
                                                     .record = rows->json.raw},
                            err);
    arena_free(arena);
    return rc ? ingest_fail(ingest, err->code == ERR_INVALID ? "bad-data-over-limit" : "internal", rc) : 0;
}

static int next(struct rows *base, struct str *tuple, struct err *err)
{
    struct page_rows *rows = (struct page_rows *)(void *)base;
    struct progress *progress = rows->capture->ingest->progress;
    for (;;) {
        int rc = 0;
        const char *column, *reason;
        if (rows->done)
            return 0;
        if (!rows->records) {
            if ((rc = open_page(rows, err)) != 0)
                return rc;
            continue;
        }
        rc = jrecords_next(rows->records, err);
        if (rc < 0)
            return err->code == ERR_SYNTAX || err->code == ERR_TOO_LARGE ? fail(rows, "source-error", rc, err)
                                                                         : fail_remote(rows, rc);
        if (rc == 0) {
            if ((rc = close_page(rows, err)) != 0)
                return rc;
            continue;
        }
        rows->record++;
        if (rows->record % 1024 == 0 && (rc = progress_check(progress, err)) != 0)
            return rc;
        if (json_rows_tuple(&rows->json, tuple, &column, &reason)) {
            atomic_fetch_add_explicit(&progress->rows, 1, memory_order_relaxed);
            return 1;
        }
        if ((rc = put_aside(rows, column, reason, err)) != 0)
            return rc;
    }
}

static void close_rows(struct rows *base)
{
    struct page_rows *rows = (struct page_rows *)(void *)base;
    if (rows->records)
        jrecords_close(rows->records);
    json_rows_dispose(&rows->json);
    json_page_dispose(&rows->page);
    buf_dispose(&rows->held);
    arena_free(rows->arena);
    arena_free(rows->spare);
    free(rows);
}

static int rows(struct capturing *capture, size_t dataset, bool sorted, struct rows **out, bool *is_sorted,
                struct err *err)
{
    struct ingest *ingest = capture->ingest;
    struct page_rows *made = calloc(1, sizeof *made);
    (void)sorted;
    (void)err;
    if (!made)
        abort();
    *made = (struct page_rows){.rows = {next, close_rows},
                               .capture = capture,
                               .dataset = &ingest->work->datasets[dataset],
                               .arena = arena_new(),
                               .spare = arena_new()};
    json_rows_init(&made->json, ingest->arena, made->dataset);
    json_page_begin(ingest->arena, ingest->work->source, made->dataset->model, &ingest->work->store->capture.paging,
                    &made->page);
    *is_sorted = false;
    *out = &made->rows;
    return 0;
}

static const char *watermark(struct capturing *capture)
{
    (void)capture;
    return NULL;
}

static void end(struct capturing *capture)
{
    remote_close(&capture->remote);
}

const struct capture_kind capture_json_api = {
    .type = CAPTURE_JSON_API,
    .whole = true,
    .begin = begin,
    .rows = rows,
    .watermark = watermark,
    .end = end,
};
