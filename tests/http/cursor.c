#include "http/drive.h"

Test(cursor, parts_come_back_as_they_went_in)
{
    struct drive t;
    struct arena *arena = arena_new();
    const char *parts[] = {"a&b", "", "z\xc3\xa9"};
    char *cursor = http_cursor_make(arena, parts, 3);
    cr_assert_eq(strcspn(cursor, "+/=&? "), strlen(cursor));
    drive_begin(&t, HTTP_GET, arena_printf(arena, "/?cursor=%s", cursor), NULL);
    const char *out[3] = {0};
    bool present = false;
    struct err err = {0};
    cr_assert_eq(http_cursor_read(&t.req, out, 3, &present, &err), 0, "%s", err.text);
    cr_assert(present);
    for (size_t i = 0; i < 3; i++)
        cr_assert_str_eq(out[i], parts[i]);
    drive_end(&t);
    arena_free(arena);
}

Test(cursor, without_one_the_list_begins_at_its_start)
{
    struct drive t;
    drive_begin(&t, HTTP_GET, "/", NULL);
    bool present = true;
    struct err err = {0};
    const char *out[1];
    cr_assert_eq(http_cursor_read(&t.req, out, 1, &present, &err), 0);
    cr_assert_not(present);
    drive_end(&t);
}

Test(cursor, a_foreign_cursor_is_refused)
{
    struct arena *arena = arena_new();
    char *two = http_cursor_make(arena, (const char *[]){"a", "b"}, 2);
    const char *const bad[] = {"", "!", "AAAA", "MQ", two};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct drive t;
        struct err err = {0};
        bool present = false;
        const char *out[1];
        drive_begin(&t, HTTP_GET, arena_printf(arena, "/?cursor=%s", bad[i]), NULL);
        cr_expect_eq(http_cursor_read(&t.req, out, 1, &present, &err), -ERR_SYNTAX, "%s", bad[i]);
        cr_expect_str_eq(err.text, "the cursor is not one that this list gave");
        drive_end(&t);
    }
    arena_free(arena);
}

Test(cursor, the_page_limit_has_a_fallback_and_a_maximum)
{
    static const struct {
        const char *target;
        int rc;
        size_t limit;
    } cases[] = {{"/", 0, 50},
                 {"/?limit=1", 0, 1},
                 {"/?limit=200", 0, 200},
                 {"/?limit=201", -ERR_SYNTAX, 0},
                 {"/?limit=0", -ERR_SYNTAX, 0},
                 {"/?limit=", -ERR_SYNTAX, 0},
                 {"/?limit=x", -ERR_SYNTAX, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct drive t;
        struct err err = {0};
        size_t limit = 0;
        drive_begin(&t, HTTP_GET, cases[i].target, NULL);
        cr_expect_eq(http_page_limit(&t.req, 50, 200, &limit, &err), cases[i].rc, "%s", cases[i].target);
        cr_expect_eq(limit, cases[i].limit);
        drive_end(&t);
    }
}

Test(cursor, the_next_link_keeps_the_other_parameters)
{
    struct drive t;
    drive_begin(&t, HTTP_GET, "/v1/x%20y?state=a%26b&cursor=old&limit=2", NULL);
    http_link_next(&t.req, &t.res, "NEW");
    cr_assert_str_eq(http_response_header(&t.res, "Link"), "</v1/x%20y?state=a%26b&limit=2&cursor=NEW>; rel=\"next\"");
    drive_end(&t);
}
