#include "model/ownership.h"

#include "base/buf.h"

/* Characters that pass for an ASCII one in the fonts of code hosts. Sorted; the range maps one for one. */
static const struct {
    unsigned from, to;
    char as;  /* of the first; 0: nothing, it is not seen */
    bool one; /* all of the range are `as` */
} likes[] = {
    {0x00a0, 0x00a0, 0, true},    {0x00ad, 0x00ad, 0, true},    {0x0131, 0x0131, 'i', true},
    {0x0261, 0x0261, 'g', true},  {0x0391, 0x0391, 'a', true},  {0x0392, 0x0392, 'b', true},
    {0x0395, 0x0395, 'e', true},  {0x0397, 0x0397, 'h', true},  {0x0399, 0x0399, 'i', true},
    {0x039a, 0x039a, 'k', true},  {0x039c, 0x039c, 'm', true},  {0x039d, 0x039d, 'n', true},
    {0x039f, 0x039f, 'o', true},  {0x03a1, 0x03a1, 'p', true},  {0x03a4, 0x03a4, 't', true},
    {0x03a5, 0x03a5, 'y', true},  {0x03a7, 0x03a7, 'x', true},  {0x03b1, 0x03b1, 'a', true},
    {0x03b5, 0x03b5, 'e', true},  {0x03b9, 0x03b9, 'i', true},  {0x03ba, 0x03ba, 'k', true},
    {0x03bd, 0x03bd, 'v', true},  {0x03bf, 0x03bf, 'o', true},  {0x03c1, 0x03c1, 'p', true},
    {0x0405, 0x0405, 's', true},  {0x0406, 0x0406, 'i', true},  {0x0408, 0x0408, 'j', true},
    {0x0410, 0x0410, 'a', true},  {0x0412, 0x0412, 'b', true},  {0x0415, 0x0415, 'e', true},
    {0x041a, 0x041a, 'k', true},  {0x041c, 0x041c, 'm', true},  {0x041d, 0x041d, 'h', true},
    {0x041e, 0x041e, 'o', true},  {0x0420, 0x0420, 'p', true},  {0x0421, 0x0421, 'c', true},
    {0x0422, 0x0422, 't', true},  {0x0423, 0x0423, 'y', true},  {0x0425, 0x0425, 'x', true},
    {0x0430, 0x0430, 'a', true},  {0x0435, 0x0435, 'e', true},  {0x043a, 0x043a, 'k', true},
    {0x043e, 0x043e, 'o', true},  {0x0440, 0x0440, 'p', true},  {0x0441, 0x0441, 'c', true},
    {0x0443, 0x0443, 'y', true},  {0x0445, 0x0445, 'x', true},  {0x0455, 0x0455, 's', true},
    {0x0456, 0x0456, 'i', true},  {0x0458, 0x0458, 'j', true},  {0x04bb, 0x04bb, 'h', true},
    {0x0501, 0x0501, 'd', true},  {0x051b, 0x051b, 'q', true},  {0x051d, 0x051d, 'w', true},
    {0x2000, 0x200f, 0, true},    {0x2010, 0x2015, '-', true},  {0x2028, 0x202f, 0, true},
    {0x2044, 0x2044, '/', true},  {0x2060, 0x2064, 0, true},    {0x2212, 0x2212, '-', true},
    {0x2215, 0x2215, '/', true},  {0x3000, 0x3000, 0, true},    {0xfeff, 0xfeff, 0, true},
    {0xff01, 0xff20, '!', false}, {0xff21, 0xff3a, 'a', false}, {0xff3b, 0xff5e, '[', false},
};

/* The next character; text is UTF-8, as everything that was loaded. */
static unsigned next_character(const unsigned char **at)
{
    unsigned c = *(*at)++;
    if (c < 0x80)
        return c;
    int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    c &= 0x3fu >> more;
    for (; more && (**at & 0xc0) == 0x80; more--)
        c = c << 6 | (*(*at)++ & 0x3fu);
    return c;
}

/* What it is read as: lower case ASCII where there is such a reading; 0 when it is not seen. */
static unsigned seen_as(unsigned c)
{
    if (c >= 'A' && c <= 'Z')
        return c | 0x20;
    if (c <= ' ')
        return 0;
    if (c == '0')
        return 'o';
    if (c == '1' || c == '|')
        return 'l';
    if (c < 0x80)
        return c;
    for (size_t i = 0; i < sizeof likes / sizeof *likes; i++)
        if (c >= likes[i].from && c <= likes[i].to)
            return (unsigned char)likes[i].as + (likes[i].one ? 0 : c - likes[i].from);
    return c;
}

/* "i" and "l" are told apart by no font when one is upper case, so they are one. */
static unsigned skeleton(const unsigned char **at)
{
    unsigned c = 0;
    while (**at && !c)
        c = seen_as(next_character(at));
    return c == 'i' ? 'l' : c;
}

const char *owner_skeleton(struct arena *arena, const char *text)
{
    struct buf *out = buf_new(arena);
    const unsigned char *at = (const unsigned char *)text;
    for (unsigned c; (c = skeleton(&at)) != 0;)
        if (c < 0x80)
            buf_addc(out, (char)c);
        else
            buf_addf(out, "<%x>", c);
    return buf_text(out);
}

bool owner_looks_alike(const char *a, const char *b)
{
    if (strcmp(a, b) == 0)
        return false;
    const unsigned char *x = (const unsigned char *)a, *y = (const unsigned char *)b;
    unsigned c, d;
    do {
        c = skeleton(&x);
        d = skeleton(&y);
    } while (c && c == d);
    return c == d;
}
