#include "http/shared.h"

#include <criterion/criterion.h>

static struct http_shared *make(const char *text)
{
    struct buf body = {0};
    buf_adds(&body, text);
    return http_shared_new(200, "application/json", text, &body);
}

Test(shared, a_reader_keeps_what_it_got_when_the_owner_swaps)
{
    struct http_slot slot = HTTP_SLOT_INIT;
    cr_assert_null(http_slot_get(&slot));
    http_slot_swap(&slot, make("one"));
    struct http_shared *held = http_slot_get(&slot);
    http_slot_swap(&slot, make("two"));
    cr_assert_str_eq(held->body.data, "one");
    cr_assert_str_eq(held->etag, "\"one\"");
    http_shared_unref(held);
    held = http_slot_get(&slot);
    cr_assert_str_eq(held->body.data, "two");
    http_shared_unref(held);
    http_slot_dispose(&slot);
}

static void *read_often(void *ctx)
{
    for (int i = 0; i < 20000; i++) {
        struct http_shared *s = http_slot_get(ctx);
        if (s->body.len != 3)
            return "torn";
        http_shared_unref(s);
    }
    return NULL;
}

Test(shared, readers_on_other_threads_see_whole_responses)
{
    struct http_slot slot = HTTP_SLOT_INIT;
    http_slot_swap(&slot, make("000"));
    pthread_t readers[2];
    for (int i = 0; i < 2; i++)
        cr_assert_eq(pthread_create(&readers[i], NULL, read_often, &slot), 0);
    for (int i = 0; i < 1000; i++)
        http_slot_swap(&slot, make(i % 2 ? "111" : "222"));
    for (int i = 0; i < 2; i++) {
        void *result;
        cr_assert_eq(pthread_join(readers[i], &result), 0);
        cr_assert_null(result);
    }
    http_slot_dispose(&slot);
}

Test(shared, without_a_tag_it_is_the_sha256_of_the_body)
{
    struct buf body = {0};
    buf_adds(&body, "abc");
    struct http_shared *s = http_shared_new(200, "text/plain", NULL, &body);
    cr_assert_str_eq(s->etag, "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"");
    http_shared_unref(s);
}
