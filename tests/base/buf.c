#include "base/buf.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(buf, an_empty_buffer_is_an_empty_text)
{
    struct buf buf = {0};
    cr_assert_str_eq(buf_text(&buf), "");
    cr_assert(str_eq(buf_str(&buf), STR("")));
    buf_dispose(&buf);
    char *taken = buf_take(&buf);
    cr_assert_str_eq(taken, "");
    free(taken);
}

Test(buf, what_is_added_stands_one_after_the_other_and_terminated)
{
    struct buf buf = {0};
    buf_adds(&buf, "a");
    buf_addc(&buf, 'b');
    buf_add(&buf, "c\0d", 3);
    buf_add_str(&buf, STR("e"));
    buf_add_str(&buf, (struct str){0});
    buf_addf(&buf, "%d", 42);
    cr_assert(str_eq(buf_str(&buf), STR("abc\0de42")));
    cr_assert_eq(buf_text(&buf)[8], '\0');
    buf_dispose(&buf);
    cr_assert_eq(buf.len, 0);
}

Test(buf, growth_keeps_every_byte)
{
    struct arena *arena = arena_new();
    struct buf *buf = buf_new(arena);
    for (int i = 0; i < 100000; i++)
        buf_addc(buf, (char)('a' + i % 26));
    cr_assert_eq(buf->len, 100000);
    for (size_t i = 0; i < 100000; i++)
        cr_assert_eq(buf_text(buf)[i], (char)('a' + i % 26));
    buf_addf(buf, "%70000d", 1);
    cr_assert_eq(buf->len, 170000);
    arena_free(arena);
}

Test(buf, reserved_room_is_filled_by_the_caller)
{
    struct buf buf = {0};
    memcpy(buf_reserve(&buf, 3), "xyz", 3);
    buf.len += 3;
    buf_addc(&buf, '!');
    cr_assert_str_eq(buf_text(&buf), "xyz!");
    buf_dispose(&buf);
}

Test(buf, cutting_never_lengthens)
{
    struct buf buf = {0};
    buf_adds(&buf, "abcdef");
    buf_cut(&buf, 9);
    cr_assert_str_eq(buf_text(&buf), "abcdef");
    buf_cut(&buf, 2);
    cr_assert_str_eq(buf_text(&buf), "ab");
    buf_dispose(&buf);
}

Test(buf, taking_leaves_an_empty_buffer)
{
    struct buf buf = {0};
    buf_adds(&buf, "abc");
    char *taken = buf_take(&buf);
    cr_assert_str_eq(taken, "abc");
    cr_assert_eq(buf.len, 0);
    cr_assert_str_eq(buf_text(&buf), "");
    free(taken);
}
