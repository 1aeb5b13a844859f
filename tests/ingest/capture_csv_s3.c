#include "ingest/capture_kit.h"
#include "ingest/remote.h"
#include "ingest/web.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

static struct capture_kit kit;
static struct web web;

static void setup(void)
{
    static const char *const arguments[] = {"lake", "AKEY", "the/secret+key", NULL};
    web = web_start("s3_server.py", arguments);
    capture_kit_init(&kit, CAPTURE_CSV_S3, "id int32 key, name varchar(5), price decimal(6,2) null");
    static const char *bound[] = {"lake"};
    kit.source = (struct container){.name = "lake",
                                    .type = CONTAINER_S3,
                                    .endpoint = arena_printf(kit.arena, "http://127.0.0.1:%d", web.port),
                                    .bucket = "lake",
                                    .region = "eu-west-1"};
    kit.credential = (struct credential){.name = "lake-keys", .type = CREDENTIAL_S3_KEYS, .containers = {bound, 1}};
    kit.dataset.prefix = "in/";
    kit.dataset.pattern = "*.csv";
    (void)setenv("YELLOW_CREDENTIAL_LAKE_KEYS_ACCESS_KEY_ID", "AKEY", 1);
    (void)setenv("YELLOW_CREDENTIAL_LAKE_KEYS_SECRET_ACCESS_KEY", "the/secret+key", 1);
    remote_limits.backoff_ms = 1;
}

static void teardown(void)
{
    capture_kit_dispose(&kit);
    web_stop(&web);
}

TestSuite(capture_csv_s3, .init = setup, .fini = teardown);

static void put(const char *path, const char *time, const char *text)
{
    (void)web_put(&web, kit.arena, arena_printf(kit.arena, "/_/object/%s", path), str_from(text),
                  arena_printf(kit.arena, "X-Modified: 2026-01-01T%s:00.000Z", time));
}

static const char *run(void)
{
    return capture_kit_run(&kit);
}

static const char *objects(void)
{
    return capture_kit_ask(&kit, "select string_agg(concat_ws(' ', key, batch, bytes, rows), ',' order by key, batch) "
                                 "from yellow.objects where stream = 1 and dataset = 'things'");
}

Test(capture_csv_s3, reads_each_object_once_oldest_first)
{
    put("in/b.csv", "01:00", "id,name,price\n1,b,1.5\n");
    put("in/a.csv", "02:00", "price,id,name\n2.5,2,a\n,3,c\n");
    put("in/a.txt", "02:00", "no");
    put("in/old/a.csv", "02:00", "no");
    put("in/", "02:00", "");
    put("a.csv", "02:00", "no");
    cr_expect(eq(str, (char *)run(), "1|b|1.50;2|a|2.50;3|c|-"));
    cr_expect(eq(str, (char *)objects(), "in/a.csv 1 27 2,in/b.csv 1 22 1"));
    cr_expect(eq(int, kit.sorted, 0));
    cr_expect(eq(str, (char *)run(), ""));
    put("in/c.csv", "00:00", "id,name,price\n4,d,\n");
    cr_expect(eq(str, (char *)run(), "4|d|-"));
}

Test(capture_csv_s3, reads_an_object_again_when_its_text_changed_and_when_it_changed_back)
{
    put("in/a.csv", "01:00", "id,name,price\n1,one,\n");
    cr_expect(eq(str, (char *)run(), "1|one|-"));
    put("in/a.csv", "02:00", "id,name,price\n1,two,\n");
    cr_expect(eq(str, (char *)run(), "1|two|-"));
    cr_expect(eq(str, (char *)run(), ""));
    put("in/a.csv", "03:00", "id,name,price\n1,one,\n");
    cr_expect(eq(str, (char *)run(), "1|one|-"));
    cr_expect(eq(str, (char *)run(), ""));
    cr_expect(eq(str, (char *)objects(), "in/a.csv 2 21 1,in/a.csv 4 21 1"));
}

Test(capture_csv_s3, remembers_nothing_of_a_batch_that_failed)
{
    put("in/a.csv", "01:00", "id,name,price\n1,one,\n");
    put("in/b.csv", "02:00", "id,name,price\nx,two,\n");
    cr_expect(eq(str, (char *)run(),
                 "bad-data-over-limit: more than 0 bad rows in the batch, the last one in "
                 "in/b.csv:2"));
    cr_expect(eq(str,
                 (char *)capture_kit_ask(&kit, "select concat_ws('|', object, line, \"column\", reason, record) from "
                                               "yellow.quarantine"),
                 "in/b.csv|2|id|\"x\" is no int32|x,two,"));
    kit.limit = 1;
    cr_expect(eq(str, (char *)run(), "1|one|-"));
    cr_expect(eq(i64, kit.quarantined, 1));
    cr_expect(eq(str, (char *)objects(), "in/a.csv 1 21 1,in/b.csv 1 21 0"));
}

Test(capture_csv_s3, says_what_is_wrong_with_its_surroundings)
{
    put("in/a.csv", "01:00", "id,name\n1,one\n");
    cr_expect(eq(str, (char *)run(), "schema-changed: in/a.csv has no column \"price\" of dataset \"things\""));
    kit.store.capture.csv.encoding = "klingon";
    cr_expect(eq(str, (char *)run(), "configuration: encoding \"klingon\" is unknown"));
    (void)setenv("YELLOW_CREDENTIAL_LAKE_KEYS_SECRET_ACCESS_KEY", "wrong", 1);
    cr_expect(
        eq(str, (char *)run(), "credential-refused: bucket lake: the source answers 403 (SignatureDoesNotMatch)"));
    kit.source.bucket = "pond";
    (void)setenv("YELLOW_CREDENTIAL_LAKE_KEYS_SECRET_ACCESS_KEY", "the/secret+key", 1);
    cr_expect(eq(str, (char *)run(), "configuration: bucket pond: the source answers 404 (NoSuchBucket)"));
}

Test(capture_csv_s3, reads_on_after_a_cut_and_notices_a_replaced_object)
{
    put("in/a.csv", "01:00", "id,name,price\n1,one,\n2,two,\n");
    (void)web_put(&web, kit.arena, "/_/fault", STR("cut 3 7"), NULL);
    cr_expect(eq(str, (char *)run(), "1|one|-;2|two|-"));
    put("in/a.csv", "02:00", "id,name,price\n1,eins,\n2,zwei,\n");
    (void)web_put(&web, kit.arena, "/_/fault", STR("cut-replace 1 20"), NULL);
    cr_expect(eq(str, (char *)run(), "source-error: object in/a.csv of bucket lake was replaced while it was read"));
}

/* A client that tidies the path up would read in/b.csv, or with one more "..", another bucket. */
Test(capture_csv_s3, a_key_with_dots_is_the_key_that_it_is)
{
    kit.dataset.pattern = "*/*.csv";
    put("in/b.csv", "01:00", "id,name,price\n1,other,\n");
    put("in/x/%2E%2E/b.csv", "02:00", "id,name,price\n2,own,\n");
    kit.dataset.pattern = "*/*/*.csv";
    cr_expect(eq(str, (char *)run(), "2|own|-"));
}

Test(capture_csv_s3, says_what_an_object_is_that_is_no_csv)
{
    put("in/a.csv", "01:00", "\x1f\x8b\x08\x1b[2J\n");
    cr_expect(eq(str, (char *)run(), "schema-changed: in/a.csv is compressed (gzip), which is not supported"));
    put("in/a.csv", "02:00", "\xff\xfei,\n");
    cr_expect(eq(str, (char *)run(), "schema-changed: in/a.csv is UTF-16: declare its encoding"));
    put("in/a.csv", "03:00", "id,name,price\r1,one,\r\x1b[2J\xff");
    cr_expect(eq(str, (char *)run(), "schema-changed: in/a.csv has no column \"price\" of dataset \"things\""));
    cr_expect(
        eq(str, (char *)kit.hint, "its header is: id, name, price 1, one,   [2J?; do its lines end with \\r alone?"));
}
