#include "ingest/s3.h"

#include "base/time.h"
#include "ingest/web.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct arena *arena;
static struct web web;
static struct container container;
static struct err err;

static void setup(void)
{
    static const char *const arguments[] = {"lake", "AKEY", "the/secret+key", NULL};
    arena = arena_new();
    web = web_start("s3_server.py", arguments);
    container = (struct container){.type = CONTAINER_S3,
                                   .endpoint = arena_printf(arena, "http://127.0.0.1:%d", web.port),
                                   .bucket = "lake",
                                   .region = "eu-west-1"};
    remote_limits.backoff_ms = 1;
}

static void teardown(void)
{
    web_stop(&web);
    arena_free(arena);
}

TestSuite(s3, .init = setup, .fini = teardown);

static struct s3 *open_with(const char *access_key, const char *secret_key)
{
    struct s3 *s3;
    cr_assert(eq(int, s3_open(arena, &container, access_key, secret_key, NULL, &s3, &err), 0), "%s", err.text);
    return s3;
}

static struct s3 *open_it(void)
{
    return open_with("AKEY", "the/secret+key");
}

static void put(const char *path, const char *text)
{
    (void)web_put(&web, arena, arena_printf(arena, "/_/object/%s", path), str_from(text), NULL);
}

static void fault(const char *text)
{
    (void)web_put(&web, arena, "/_/fault", str_from(text), NULL);
}

/* "key=bytes,..." of all pages, or the error and its cause. */
static const char *list(struct s3 *s3, const char *prefix)
{
    struct buf *out = buf_new(arena);
    const char *token = NULL;
    do {
        struct s3_object *objects;
        size_t count;
        if (s3_list(s3, arena, prefix, &token, &objects, &count, &err))
            return arena_printf(arena, "%s: %s", s3_cause(s3), err.text);
        for (size_t i = 0; i < count; i++)
            buf_addf(out, "%s%s=%lld", out->len ? "," : "", objects[i].key, (long long)objects[i].bytes);
    } while (token);
    return buf_text(out);
}

/* The text of an object, or the error and its cause. */
static const char *get(struct s3 *s3, const char *key)
{
    struct s3_object *objects;
    size_t count;
    const char *token = NULL;
    struct str piece;
    struct buf *out = buf_new(arena);
    cr_assert(eq(int, s3_list(s3, arena, key, &token, &objects, &count, &err), 0), "%s", err.text);
    cr_assert(ge(sz, count, 1));
    int rc = s3_read_begin(s3, &objects[0], &err);
    while (rc == 0 && (rc = s3_read(s3, &piece, &err)) == 1) {
        buf_add_str(out, piece);
        rc = 0;
        if (out->len == (size_t)objects[0].bytes) {
            rc = s3_read(s3, &piece, &err);
            break;
        }
    }
    if (rc)
        return arena_printf(arena, "%s: %s", s3_cause(s3) ? s3_cause(s3) : "-", err.text);
    return buf_text(out);
}

#define ODD "a b/\xc3\xa9+&=%25?#'()*~!$,;:@[]\\"
static const char odd_path[] = "a%20b/%C3%A9%2B%26%3D%2525%3F%23%27%28%29%2A~%21%24%2C%3B%3A%40%5B%5D%5C";

Test(s3, lists_page_by_page_below_a_prefix)
{
    for (int i = 0; i < 8; i++)
        put(arena_printf(arena, "in/%d.csv", i), "12345");
    put("other", "1");
    cr_expect(eq(str, (char *)list(open_it(), "in/"),
                 "in/0.csv=5,in/1.csv=5,in/2.csv=5,in/3.csv=5,in/4.csv=5,in/5.csv=5,in/6.csv=5,in/7.csv=5"));
    cr_expect(eq(str, (char *)list(open_it(), "none/"), ""));
}

Test(s3, takes_keys_of_any_characters)
{
    put(odd_path, "odd");
    cr_expect(eq(str, (char *)list(open_it(), "a b/\xc3\xa9+"), ODD "=3"));
    cr_expect(eq(str, (char *)get(open_it(), ODD), "odd"));
}

Test(s3, takes_the_bucket_out_of_an_endpoint_that_begins_with_it)
{
    put("x", "text");
    container.endpoint = arena_printf(arena, "http://lake.localhost:%d/", web.port);
    cr_expect(eq(str, (char *)get(open_it(), "x"), "text"));
    fault("body 1 <ListAllMyBucketsResult/>"); /* what a server says whose name only happens to begin so */
    cr_expect(
        eq(str, (char *)list(open_it(), ""), "source-error: the list of bucket lake: the root is no ListBucketResult"));
    cr_expect(
        eq(str, err.hint, "the endpoint's host begins with the bucket's name, so it is taken for the bucket's own"));
}

Test(s3, names_a_refused_credential)
{
    put("x", "text");
    cr_expect(eq(str, (char *)list(open_with("AKEY", "wrong"), ""),
                 "credential-refused: bucket lake: the source answers 403 "
                 "(SignatureDoesNotMatch)"));
    cr_expect(eq(str, (char *)list(open_with("WRONG", "the/secret+key"), ""),
                 "credential-refused: bucket lake: the source answers 403 "
                 "(InvalidAccessKeyId)"));
}

Test(s3, names_other_causes)
{
    static const struct {
        const char *fault, *outcome;
    } cases[] = {
        {"status 1 503 SlowDown", "x=4"},
        {"status 5 500 InternalError", "x=4"},
        {"status 1 429 TooManyRequests", "x=4"},
        {"hang-up 2", "x=4"},
        {"status 99 503 SlowDown", "source-error: bucket lake: the source answers 503 (SlowDown)"},
        {"status 1 404 NoSuchBucket", "configuration: bucket lake: the source answers 404 (NoSuchBucket)"},
        {"redirect 1", "source-error: bucket lake: the source answers 307 (TemporaryRedirect)"},
        {"endless 9", "source-error: the list of bucket lake does not end"},
        {"body 1 <html>no", "source-error: the list of bucket lake: no XML: line 1: no element found"},
        {"body 1 <html/>", "source-error: the list of bucket lake: the root is no ListBucketResult"},
        {"body 1 <!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
         "source-error: the list of bucket lake: XML that no S3 server writes"},
        {"body 1 <ListBucketResult><Contents><Key>x</Key></Contents></ListBucketResult>",
         "source-error: the list of bucket lake: an object without key or ETag"},
        {"body 1 <ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
         "source-error: the list of bucket lake: a part of a list without a token for the next"},
        {"body 1 <a><b><c><d><e><f><g><h><i></i></h></g></f></e></d></c></b></a>",
         "source-error: the list of bucket lake: XML that no S3 server writes"},
    };
    put("x", "text");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fault(cases[i].fault);
        cr_expect(eq(str, (char *)list(open_it(), ""), (char *)cases[i].outcome), "%s", cases[i].fault);
    }
    fault("");
    web_stop(&web);
    const char *outcome = list(open_it(), "");
    cr_expect(eq(int, strncmp(outcome, "source-unreachable: ", 20), 0), "%s", outcome);
}

Test(s3, goes_on_where_a_read_broke_off)
{
    static const struct {
        const char *fault, *outcome;
    } cases[] = {
        {"cut 2 3", "0123456789"},
        {"cut 9 1", "0123456789"},
        {"short 1 4", "0123456789"},
        {"status 1 500 InternalError", "0123456789"},
        {"cut 1 3\nno-ranges 1", "0123456789"},
        {"cut 1 3\nwrong-range 1", "source-error: object x of bucket lake comes in another range than was asked for"},
        {"cut-replace 1 3", "source-error: object x of bucket lake was replaced while it was read"},
        {"other-etag 1", "source-error: object x of bucket lake was replaced while it was read"},
        {"longer 1 5", "source-error: object x of bucket lake is larger than it was listed"},
        {"encoded 1", "source-error: object x of bucket lake is compressed (gzip), which is not supported"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put("x", "0123456789");
        fault(cases[i].fault);
        cr_expect(eq(str, (char *)get(open_it(), "x"), (char *)cases[i].outcome), "%s", cases[i].fault);
    }
}

Test(s3, asks_for_what_is_missing_alone)
{
    put("x", "0123456789");
    fault("cut 2 3");
    (void)web_get(&web, arena, "/_/log");
    cr_expect(eq(str, (char *)get(open_it(), "x"), "0123456789"));
    cr_expect(eq(str, (char *)web_get(&web, arena, "/_/log"),
                 "200 /lake/?encoding-type=url&list-type=2&max-keys=1000&prefix=x\n200 /lake/x\n206 /lake/x "
                 "bytes=3-\n206 /lake/x bytes=6-"));
}

Test(s3, gives_up_an_object_that_never_comes)
{
    put("x", "0123456789");
    fault("cut 99 0");
    const char *outcome = get(open_it(), "x");
    cr_expect(eq(int, strncmp(outcome, "source-unreachable: ", 20), 0), "%s", outcome);
}

Test(s3, stops_at_once_when_it_is_told_to)
{
    struct progress progress;
    struct s3 *s3;
    struct s3_object *objects;
    size_t count;
    const char *token = NULL;
    cr_assert(eq(int, progress_init(&progress, &err), 0));
    remote_limits.backoff_ms = remote_limits.backoff_max_ms = 3600000;
    fault("status 99 503 SlowDown");
    cr_assert(eq(int, s3_open(arena, &container, "AKEY", "the/secret+key", &progress, &s3, &err), 0));
    progress_stop(&progress, "SIGTERM");
    cr_expect(eq(int, s3_list(s3, arena, "", &token, &objects, &count, &err), -ERR_CANCELLED));
    cr_expect(eq(ptr, (void *)s3_cause(s3), NULL));
    progress_dispose(&progress);
}
