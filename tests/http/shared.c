#include "http/shared.h"

#include <criterion/criterion.h>

Test(shared, a_reader_keeps_what_it_has_when_the_owner_lets_go)
{
    struct buf body = {0};
    buf_adds(&body, "one");
    struct http_shared *owned = http_shared_new(200, "application/json", "one", &body), *held = http_shared_ref(owned);
    http_shared_unref(owned);
    cr_assert_str_eq(held->body.data, "one");
    cr_assert_str_eq(held->etag, "\"one\"");
    http_shared_unref(held);
}

Test(shared, without_a_tag_it_is_the_sha256_of_the_body)
{
    struct buf body = {0};
    buf_adds(&body, "abc");
    struct http_shared *s = http_shared_new(200, "text/plain", NULL, &body);
    cr_assert_str_eq(s->etag, "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"");
    http_shared_unref(s);
}
