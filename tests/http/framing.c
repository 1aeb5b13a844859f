#include "http/framing.h"

#include <criterion/criterion.h>

Test(framing, a_control_character_is_found_wherever_it_stands_in_a_value)
{
    char text[40];
    for (size_t size = 1; size < sizeof text; size++) {
        for (size_t at = 0; at < size; at++) {
            for (int c = 0; c < 256; c++) {
                memset(text, 'a', sizeof text);
                text[at] = (char)c;
                bool control = (c < 0x20 && c != '\t') || c == 0x7f;
                cr_assert_eq(framing_header_value_valid(text, size), !control, "byte %d at %zu of %zu", c, at, size);
                if (size > at + 1) { /* a tab before it hides nothing */
                    text[at] = '\t';
                    text[at + 1] = (char)c;
                    cr_assert_eq(framing_header_value_valid(text, size), !control, "byte %d at %zu of %zu", c, at + 1,
                                 size);
                }
            }
        }
    }
    cr_assert(framing_header_value_valid("", 0));
}

Test(framing, a_name_is_a_token)
{
    cr_assert(framing_header_name_valid("X-Request_Id.1", 14));
    cr_assert_not(framing_header_name_valid("Host\0x", 6));
    cr_assert_not(framing_header_name_valid("a b", 3));
    cr_assert_not(framing_header_name_valid("", 0));
}
