#include "template/text.h"

struct char_run {
    uint32_t first, last;
};

struct char_map {
    uint32_t first, last, step;
    int32_t delta;
};

struct char_special {
    uint32_t from, to[3];
};

#include "template/unicode_tables.h"

#define RUNS(name)                                                                                                     \
    {                                                                                                                  \
        name##_runs, sizeof name##_runs / sizeof *name##_runs                                                          \
    }

bool char_is(uint32_t c, enum char_class class)
{
    static const struct {
        const struct char_run *runs;
        size_t len;
    } classes[] = {
        [CHAR_ALPHA] = RUNS(alpha),     [CHAR_DECIMAL] = RUNS(decimal), [CHAR_DIGIT] = RUNS(digit),
        [CHAR_NUMERIC] = RUNS(numeric), [CHAR_SPACE] = RUNS(space),     [CHAR_LOWER] = RUNS(lower),
        [CHAR_UPPER] = RUNS(upper),     [CHAR_TITLE] = RUNS(title),     [CHAR_HIDDEN] = RUNS(hidden),
    };
    const struct char_run *runs = classes[class].runs;
    size_t low = 0, high = classes[class].len;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (c > runs[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < classes[class].len && c >= runs[low].first;
}

struct case_table {
    const struct char_map *maps;
    const struct char_special *specials;
    size_t map_len, special_len;
};

#define CASES(name)                                                                                                    \
    {                                                                                                                  \
        name##_maps, name##_specials, sizeof name##_maps / sizeof *name##_maps,                                        \
            sizeof name##_specials / sizeof *name##_specials                                                           \
    }

/* c in another case, as up to three characters at out; returns how many bytes. */
static size_t convert(uint32_t c, enum text_case to, char out[12])
{
    static const struct case_table tables[] = {
        [CASE_LOWER] = CASES(lower), [CASE_UPPER] = CASES(upper), [CASE_TITLE] = CASES(title)};
    if (c < 0x80) {
        bool change = to == CASE_LOWER ? c >= 'A' && c <= 'Z' : c >= 'a' && c <= 'z';
        out[0] = (char)(change ? c ^ 0x20 : c);
        return 1;
    }
    const struct case_table *table = &tables[to];
    for (size_t i = 0; i < table->special_len; i++) {
        if (table->specials[i].from == c) {
            size_t n = 0;
            for (size_t k = 0; k < 3 && table->specials[i].to[k]; k++)
                n += text_encode(table->specials[i].to[k], out + n);
            return n;
        }
    }
    for (size_t i = 0; i < table->map_len && table->maps[i].first <= c; i++) {
        const struct char_map *map = &table->maps[i];
        if (c <= map->last && (c - map->first) % map->step == 0)
            return text_encode((uint32_t)((int64_t)c + map->delta), out);
    }
    return text_encode(c, out);
}

static bool is_cased(uint32_t c)
{
    return char_is(c, CHAR_LOWER) || char_is(c, CHAR_UPPER) || char_is(c, CHAR_TITLE);
}

/* Small sigma is written otherwise at the end of a word. */
static bool is_final_sigma(struct str s, uint32_t before, size_t next)
{
    uint32_t c = 0;
    if (!is_cased(before))
        return false;
    if (next >= s.len)
        return true;
    (void)text_decode((struct str){s.data + next, s.len - next}, &c);
    return !is_cased(c);
}

#define EACH_BYTE(b) ((b)*0x0101010101010101U)

/* 0x20 in each byte of eight that is an ASCII letter of the other case: first and last are 'A' and 'Z', or 'a' and 'z'.
 * All are below 0x80. */
static uint64_t other_case(uint64_t word, unsigned char first, unsigned char last)
{
    uint64_t from = word + EACH_BYTE(0x80U - first), past = word + EACH_BYTE(0x7fU - last);
    return (from & ~past & EACH_BYTE(0x80U)) >> 2;
}

/* Up to eight bytes; those that are not there are 0. */
static uint64_t load(struct str s, size_t at)
{
    uint64_t word = 0;
    if (s.len - at >= sizeof word)
        memcpy(&word, s.data + at, sizeof word);
    else
        text_copy((char *)&word, s.data + at, s.len - at);
    return word;
}

/* lower() and upper() of ASCII; false for other text. Text that is in that case already is its own result. */
static bool ascii_to_case(struct arena *arena, struct str s, bool lower, struct str *out)
{
    const unsigned char first = lower ? 'A' : 'a', last = lower ? 'Z' : 'z';
    uint64_t high = 0, changes = 0;
    for (size_t at = 0; at < s.len; at += 8) {
        uint64_t word = load(s, at);
        high |= word;
        changes |= other_case(word & EACH_BYTE(0x7fU), first, last);
    }
    if (high & EACH_BYTE(0x80U))
        return false;
    *out = s;
    if (!changes)
        return true;
    char *text = arena_take(arena, s.len + 8);
    for (size_t at = 0; at < s.len; at += 8) {
        uint64_t word = load(s, at);
        word ^= other_case(word, first, last);
        memcpy(text + at, &word, sizeof word);
    }
    out->data = text;
    return true;
}

struct str text_to_case(struct arena *arena, struct str s, enum text_case to)
{
    struct str plain;
    if ((to == CASE_LOWER || to == CASE_UPPER) && ascii_to_case(arena, s, to == CASE_LOWER, &plain))
        return plain;
    char *text = arena_take(arena, s.len * 3 + 12);
    size_t n = 0;
    uint32_t before = 0;
    bool inside = false;
    for (size_t at = 0; at < s.len;) {
        uint32_t c;
        size_t len = text_decode((struct str){s.data + at, s.len - at}, &c);
        enum text_case one = to;
        if (to == CASE_SWAP)
            one = char_is(c, CHAR_UPPER) ? CASE_LOWER : CASE_UPPER;
        else if (to == CASE_TITLE || to == CASE_CAPITAL)
            one = (to == CASE_TITLE ? inside : at > 0) ? CASE_LOWER : CASE_TITLE;
        inside = to == CASE_TITLE && is_cased(c);
        if (c == 0x3a3 && one == CASE_LOWER && is_final_sigma(s, before, at + len))
            n += text_encode(0x3c2, text + n);
        else if (len == 1 && c >= 0x80)
            text[n++] = s.data[at]; /* a malformed byte */
        else
            n += convert(c, one, text + n);
        before = c;
        at += len;
    }
    return (struct str){text, n};
}
