#include "ingest/s3.h"

#include "base/buf.h"
#include "http/url.h"
#include "ingest/s3_xml.h"

#include <stdio.h>

/* Of an empty body: what S3 wants to see signed. */
#define EMPTY_HASH "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

enum { LIST_BYTES_MAX = 16 << 20, ERROR_BYTES_MAX = 64 << 10 };

struct s3 {
    struct arena *arena;
    struct remote remote;
    const char *base; /* URL of the bucket, with a slash at the end */
    bool in_host;     /* the endpoint is taken for the bucket's own */
    const char *bucket;
    /* The object that is being read. */
    struct arena *reading; /* of its request */
    const struct s3_object *object;
    const char *url;
    int64_t at;   /* bytes given out */
    int64_t skip; /* of the answer: they were given out before */
    int failures; /* since the last byte */
    bool open;
};

static void close_s3(void *ctx)
{
    struct s3 *s3 = ctx;
    remote_close(&s3->remote);
    arena_free(s3->reading);
}

/* The bucket's URL, and the origin that it is bound to. */
static const char *base_url(struct arena *arena, const struct container *container, const char *region, bool *in_host)
{
    const char *endpoint = container->endpoint, *bucket = container->bucket;
    if (!endpoint) {
        /* A dot in the bucket's name would not match Amazon's certificate. */
        return strchr(bucket, '.') ? arena_printf(arena, "https://s3.%s.amazonaws.com/%s/", region, bucket)
                                   : arena_printf(arena, "https://%s.s3.%s.amazonaws.com/", bucket, region);
    }
    struct str text = str_from(endpoint);
    while (text.len && text.data[text.len - 1] == '/')
        text.len--;
    const char *host = strstr(endpoint, "://");
    size_t len = strlen(bucket);
    *in_host = host && strncmp(host + 3, bucket, len) == 0 && host[3 + len] == '.';
    return *in_host ? arena_printf(arena, STR_FMT "/", STR_ARG(text))
                    : arena_printf(arena, STR_FMT "/%s/", STR_ARG(text), bucket);
}

int s3_open(struct arena *arena, const struct container *container, const char *access_key, const char *secret_key,
            const struct progress *progress, struct s3 **out, struct err *err)
{
    const char *region = container->region ? container->region : "us-east-1";
    struct s3 *s3 = arena_alloc(arena, sizeof *s3);
    s3->arena = arena;
    s3->bucket = container->bucket;
    s3->base = base_url(arena, container, region, &s3->in_host);
    s3->reading = arena_new();
    arena_defer(arena, close_s3, s3);
    int rc = remote_open(&s3->remote, progress,
                         (struct http_stream_options){.origin = s3->base,
                                                      .sign = arena_printf(arena, "aws:amz:%s:s3", region),
                                                      .user = access_key,
                                                      .password = secret_key},
                         err);
    *out = s3;
    return rc;
}

const char *s3_cause(const struct s3 *s3)
{
    return s3->remote.cause;
}

/* The body as XML. rest of it is not waited for after an error. */
static int read_xml(struct s3 *s3, struct arena *arena, size_t max, struct s3_answer **out, struct err *err)
{
    struct s3_xml *xml = s3_xml_new(arena);
    struct str piece;
    size_t bytes = 0;
    int rc;
    while ((rc = remote_read(&s3->remote, &piece, err)) == 1) {
        bytes += piece.len;
        if (bytes > max)
            return remote_fail(&s3->remote, "source-error",
                               err_set(err, ERR_TOO_LARGE, "more than %zu bytes of XML", max));
        if ((rc = s3_xml_add(xml, piece, false, err)) != 0)
            return remote_fail(&s3->remote, "source-error", rc);
    }
    if (rc == 0 &&
        ((rc = s3_xml_add(xml, (struct str){0}, true, err)) != 0 || (rc = s3_xml_finish(xml, out, err)) != 0))
        (void)remote_fail(&s3->remote, "source-error", rc);
    return rc;
}

/* Codes of S3 that mean a credential, whatever the status. */
static const char *const credential_codes[] = {
    "AccessDenied",    "InvalidAccessKeyId",          "SignatureDoesNotMatch", "ExpiredToken",
    "InvalidToken",    "RequestTimeTooSkewed",        "AccountProblem",        "AllAccessDisabled",
    "InvalidSecurity", "AuthorizationHeaderMalformed"};

static int refused(struct s3 *s3, const struct http_client_response *head, const char *what, struct err *err)
{
    struct arena *arena = arena_new();
    struct s3_answer *answer = NULL;
    struct err ignored;
    const char *code = read_xml(s3, arena, ERROR_BYTES_MAX, &answer, &ignored) == 0 ? answer->code : NULL;
    int rc = remote_refused(&s3->remote, head, what, code, err);
    for (size_t i = 0; code && i < sizeof credential_codes / sizeof *credential_codes; i++)
        if (strcmp(code, credential_codes[i]) == 0)
            (void)remote_fail(&s3->remote, "credential-refused", rc);
    if (code && strcmp(code, "RequestTimeTooSkewed") == 0)
        rc = err_hint(err, "this machine's clock and the source's differ by more than it allows: set the clock");
    if (code && strcmp(code, "NoSuchBucket") == 0)
        (void)remote_fail(&s3->remote, "configuration", rc);
    arena_free(arena);
    return rc;
}

static int list_page(struct s3 *s3, struct arena *arena, const char *url, struct s3_answer **out, struct err *err)
{
    struct http_client_response head;
    const char *headers[] = {EMPTY_HASH, NULL};
    const char *what = arena_printf(arena, "bucket %s", s3->bucket);
    int rc = remote_get(&s3->remote, url, headers, &head, err);
    if (rc == 0 && head.status != 200)
        return refused(s3, &head, what, err);
    if (rc == 0)
        rc = read_xml(s3, arena, LIST_BYTES_MAX, out, err);
    if (rc == 0 && (*out)->code) /* S3 may find out late that it fails */
        rc = remote_fail(&s3->remote, "source-error", err_set(err, ERR_UNAVAILABLE, "answers %s", (*out)->code));
    if (rc && s3->in_host && !*err->hint)
        (void)err_hint(err, "the endpoint's host begins with the bucket's name, so it is taken for the bucket's own");
    return rc ? err_prefix(err, "the list of %s", what) : 0;
}

int s3_list(struct s3 *s3, struct arena *arena, const char *prefix, const char **token, struct s3_object **objects,
            size_t *count, struct err *err)
{
    struct buf *url = buf_new(arena);
    struct s3_answer *answer = NULL;
    /* What is signed has its parameters in order, and so they are sent. */
    buf_addf(url, "%s?", s3->base);
    if (*token) {
        buf_adds(url, "continuation-token=");
        url_encode(url, str_from(*token), false);
        buf_addc(url, '&');
    }
    buf_adds(url, "encoding-type=url&list-type=2&max-keys=1000");
    if (prefix && prefix[0]) {
        buf_adds(url, "&prefix=");
        url_encode(url, str_from(prefix), false);
    }
    int rc = -1;
    for (int tried = 1; rc; tried++) {
        rc = list_page(s3, arena, buf_text(url), &answer, err);
        bool again = rc && (err->code == ERR_UNAVAILABLE || err->code == ERR_TIMEOUT) && tried < 3;
        if (rc && (!again || remote_wait(&s3->remote, tried, 0, err)))
            return rc;
    }
    if (answer->truncated && *token && strcmp(answer->token, *token) == 0)
        return remote_fail(&s3->remote, "source-error",
                           err_set(err, ERR_SYNTAX, "the list of bucket %s does not end", s3->bucket));
    *token = answer->truncated ? answer->token : NULL;
    *objects = answer->objects.items;
    *count = answer->objects.len;
    return 0;
}

static int fail_object(struct s3 *s3, enum err_code code, const char *why, struct err *err)
{
    return remote_fail(&s3->remote, "source-error",
                       err_set(err, code, "object %s of bucket %s %s", s3->object->key, s3->bucket, why));
}

/* Whether a Content-Range begins where we asked it to. */
static bool begins_at(const struct http_client_response *head, int64_t at)
{
    struct str range = str_from(http_client_header(head, "Content-Range")), first;
    int64_t begin;
    if (!range.data || !str_starts(range, STR("bytes ")))
        return false;
    range.data += 6;
    range.len -= 6;
    first = str_cut(&range, '-');
    return str_int64(first, 0, INT64_MAX, &begin) && begin == at;
}

/* From s3->at on. */
static int request(struct s3 *s3, struct err *err)
{
    struct http_client_response head;
    char range[64];
    arena_reset(s3->reading);
    const char *match = arena_printf(s3->reading, "If-Match: \"%s\"", s3->object->etag);
    const char *headers[] = {EMPTY_HASH, match, s3->at ? range : NULL, NULL};
    (void)snprintf(range, sizeof range, "Range: bytes=%lld-", (long long)s3->at);
    int rc = remote_get(&s3->remote, s3->url, headers, &head, err);
    if (rc)
        return err_prefix(err, "object %s", s3->object->key);
    s3->skip = 0;
    if (head.status == 412)
        return fail_object(s3, ERR_STALE, "was replaced while it was read", err);
    if (head.status == 404)
        return fail_object(s3, ERR_NOT_FOUND, "is gone", err);
    if (head.status == 206 && s3->at && !begins_at(&head, s3->at))
        return fail_object(s3, ERR_SYNTAX, "comes in another range than was asked for", err);
    if (head.status == 200)
        s3->skip = s3->at; /* the server knows no ranges */
    else if (head.status != 206 || !s3->at)
        return refused(s3, &head, arena_printf(s3->reading, "object %s", s3->object->key), err);
    const char *encoding = http_client_header(&head, "Content-Encoding");
    if (encoding && encoding[0] && strcasecmp(encoding, "identity") != 0 && strcasecmp(encoding, "aws-chunked") != 0)
        return fail_object(s3, ERR_MEDIA,
                           arena_printf(s3->reading, "is compressed (%s), which is not supported", encoding), err);
    const char *etag = http_client_header(&head, "ETag");
    if (etag && strstr(etag, s3->object->etag) == NULL)
        return fail_object(s3, ERR_STALE, "was replaced while it was read", err);
    s3->open = true;
    return 0;
}

int s3_read_begin(struct s3 *s3, const struct s3_object *object, struct err *err)
{
    struct buf *url = buf_new(s3->arena);
    buf_adds(url, s3->base);
    url_encode(url, str_from(object->key), true);
    s3->object = object;
    s3->url = buf_text(url);
    s3->at = 0;
    s3->failures = 0;
    s3->open = false;
    return request(s3, err);
}

/* After a read that broke off: another request for what is missing. */
static int resume(struct s3 *s3, struct err *err)
{
    s3->open = false;
    if (++s3->failures >= remote_limits.tries)
        return -(int)err->code;
    int rc = remote_wait(&s3->remote, s3->failures, 0, err);
    return rc ? rc : request(s3, err);
}

int s3_read(void *ctx, struct str *piece, struct err *err)
{
    struct s3 *s3 = ctx;
    for (;;) {
        int rc = remote_read(&s3->remote, piece, err);
        if (rc == 1) {
            int64_t skipped = s3->skip < (int64_t)piece->len ? s3->skip : (int64_t)piece->len;
            s3->skip -= skipped;
            piece->data += skipped;
            piece->len -= (size_t)skipped;
            s3->at += (int64_t)piece->len;
            if (s3->at > s3->object->bytes)
                return fail_object(s3, ERR_STALE, "is larger than it was listed", err);
            if (piece->len == 0)
                continue;
            s3->failures = 0;
            return 1;
        }
        if (rc == 0 && s3->at == s3->object->bytes)
            return 0;
        if (rc == 0) /* an answer without a length that just ended */
            (void)remote_fail(&s3->remote, "source-unreachable",
                              err_set(err, ERR_UNAVAILABLE, "object %s of bucket %s: %lld of %lld bytes came",
                                      s3->object->key, s3->bucket, (long long)s3->at, (long long)s3->object->bytes));
        else if (err->code != ERR_UNAVAILABLE && err->code != ERR_TIMEOUT)
            return rc;
        if ((rc = resume(s3, err)) != 0)
            return rc;
    }
}
