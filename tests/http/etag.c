#include "http/etag.h"

#include "http/drive.h"

Test(etag, lists_stars_and_weak_tags_are_read)
{
    static const struct {
        const char *header;
        bool weakly, strongly;
    } cases[] = {
        {"\"a\"", true, true},
        {"\"b\", \"a\"", true, true},
        {"\"b\",\"a\",\"c\"", true, true},
        {"W/\"a\"", true, false},
        {"W/\"b\", \"a\"", true, true},
        {"*", true, true},
        {" * ", true, true},
        {"\"b\"", false, false},
        {"a", false, false},
        {"\"a", false, false},
        {"\"\"", false, false},
        {"\"A\"", false, false},
        {"junk \"a\"", false, false},
        {"", false, false},
        {"\"x,a\", \"a,x\"", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_eq(etag_in_list(cases[i].header, STR("a"), false), cases[i].weakly, "%s", cases[i].header);
        cr_expect_eq(etag_in_list(cases[i].header, STR("a"), true), cases[i].strongly, "%s", cases[i].header);
    }
}

static int check(const char *header, const char *tag, struct err *err)
{
    struct drive t;
    drive_begin(&t, HTTP_PUT, "/v1/x", header ? DRIVE_HEADERS(header) : NULL);
    int rc = http_check_if_match(&t.req, tag, err);
    drive_end(&t);
    return rc;
}

Test(etag, a_write_needs_the_tag_in_force)
{
    struct err err = {0};
    cr_assert_eq(check("If-Match: \"7\"", "7", &err), 0);
    cr_assert_eq(check("If-Match: *", "7", &err), 0);
    cr_assert_eq(check("If-Match: \"6\"", "7", &err), -ERR_STALE);
    cr_assert_str_eq(err.text, "If-Match does not match: the tag of \"/v1/x\" is \"7\"");
    cr_assert_eq(check("If-Match: W/\"7\"", "7", &err), -ERR_STALE);
    cr_assert_eq(check(NULL, "7", &err), -ERR_PRECONDITION);
    cr_assert_str_eq(err.text, "If-Match is needed to change \"/v1/x\"");
    cr_assert_str_eq(err.hint, "GET it and send its ETag as If-Match");
}

Test(etag, what_is_not_there_yet_is_made_with_if_none_match)
{
    struct err err = {0};
    cr_assert_eq(check("If-None-Match: *", NULL, &err), 0);
    cr_assert_eq(check("If-None-Match: *", "7", &err), -ERR_STALE);
    cr_assert_str_eq(err.text, "If-None-Match: * asks to create \"/v1/x\", but it is there");
    cr_assert_eq(check("If-Match: *", NULL, &err), -ERR_STALE);
    cr_assert_str_eq(err.text, "If-Match does not match: \"/v1/x\" is not there");
}
