#include "template/value.h"

#include "template/bigint.h"

#include <math.h>

enum { FEW_KEYS = 8, EQUAL_DEPTH = 200, EQUAL_STEPS = 100000, HASH_STEPS = 256 };
/* memcmp reads this much in the time of a step; the longest text takes fewer than EQUAL_STEPS. */
enum { EQUAL_STEP_BYTES = 256 };

static uint64_t hash_int(int64_t n)
{
    uint64_t x = (uint64_t)n;
    x = (x ^ x >> 32) * 0x9e3779b97f4a7c15U;
    return x ^ x >> 29;
}

static uint64_t hash_float(double d)
{
    if (d >= -9.2e18 && d <= 9.2e18 && d == floor(d))
        return hash_int((int64_t)d);
    int64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return hash_int(bits);
}

/* Of a tuple, no more than so many items count, however they are nested: equal tuples stay equal by it. */
static bool hash_some(struct value v, uint64_t *hash, unsigned *left)
{
    switch (v.type) {
    case VALUE_STR:
        *hash = str_hash(value_text(v));
        return true;
    case VALUE_INT:
        *hash = hash_int(v.as.i);
        return true;
    case VALUE_BOOL:
        *hash = hash_int(v.as.b);
        return true;
    case VALUE_FLOAT:
        *hash = hash_float(v.as.d);
        return true;
    case VALUE_BIG:
        *hash = hash_float(bigint_to_double(v));
        return true;
    case VALUE_NONE:
        *hash = 0x5bd1e995;
        return true;
    case VALUE_TUPLE:
        *hash = v.as.list->len;
        for (size_t i = 0; i < v.as.list->len && *left; i++) {
            uint64_t item;
            --*left;
            if (!hash_some(v.as.list->items[i], &item, left))
                return false;
            *hash = *hash * 31 + item;
        }
        return true;
    case VALUE_UNDEFINED:
        *hash = 0x1b873593;
        return true;
    case VALUE_RANGE:
        *hash = hash_int(v.as.range->start) ^ v.as.range->len;
        return true;
    case VALUE_LIST:
    case VALUE_DICT:
    case VALUE_VIEW:
        return false;
    default:
        *hash = hash_int((int64_t)(uintptr_t)v.as.macro);
        return true;
    }
}

bool value_hash(struct value v, uint64_t *hash)
{
    unsigned left = HASH_STEPS;
    return hash_some(v, hash, &left);
}

static bool is_number(struct value v)
{
    return bigint_is_int(v) || v.type == VALUE_FLOAT;
}

static bool equal_numbers(struct value a, struct value b)
{
    if (a.type == VALUE_BIG || b.type == VALUE_BIG) {
        if (a.type != VALUE_FLOAT && b.type != VALUE_FLOAT)
            return bigint_order(a, b) == 0;
        return a.type == VALUE_FLOAT ? bigint_equals_double(b, a.as.d) : bigint_equals_double(a, b.as.d);
    }
    if (a.type != VALUE_FLOAT && b.type != VALUE_FLOAT)
        return (a.type == VALUE_BOOL ? a.as.b : a.as.i) == (b.type == VALUE_BOOL ? b.as.b : b.as.i);
    if (a.type == VALUE_FLOAT && b.type == VALUE_FLOAT)
        return a.as.d == b.as.d;
    double d = a.type == VALUE_FLOAT ? a.as.d : b.as.d;
    struct value whole = a.type == VALUE_FLOAT ? b : a;
    int64_t n = whole.type == VALUE_BOOL ? whole.as.b : whole.as.i;
    return d >= -9223372036854775808.0 && d < 9223372036854775808.0 && d == floor(d) && (int64_t)d == n;
}

static bool equal(struct value a, struct value b, unsigned depth, uint64_t *steps);

static bool equal_lists(const struct value_list *a, const struct value_list *b, unsigned depth, uint64_t *steps)
{
    if (a->len != b->len)
        return false;
    for (size_t i = 0; i < a->len; i++) {
        if (!equal(a->items[i], b->items[i], depth + 1, steps))
            return false;
    }
    return true;
}

static bool equal_dicts(const struct value_dict *a, const struct value_dict *b, unsigned depth, uint64_t *steps)
{
    if (a->len != b->len)
        return false;
    for (size_t i = 0; i < a->len; i++) {
        const struct value *other = dict_find(b, a->entries[i].key, a->entries[i].hash);
        if (!other || !equal(a->entries[i].value, *other, depth + 1, steps))
            return false;
    }
    return true;
}

static bool equal_ranges(const struct value_range *a, const struct value_range *b)
{
    return a->len == b->len && (a->len == 0 || (a->start == b->start && (a->len == 1 || a->step == b->step)));
}

/* Takes off what is left when that is not enough. */
static bool spend(uint64_t *steps, uint64_t n)
{
    bool enough = n < *steps;
    *steps = enough ? *steps - n : 0;
    return enough;
}

static bool equal(struct value a, struct value b, unsigned depth, uint64_t *steps)
{
    if (!*steps)
        return false;
    --*steps;
    if (is_number(a) && is_number(b))
        return equal_numbers(a, b);
    if (a.type != b.type || depth > EQUAL_DEPTH)
        return false;
    switch (a.type) {
    case VALUE_STR:
        return a.len == b.len && spend(steps, a.len / EQUAL_STEP_BYTES) && str_eq(value_text(a), value_text(b));
    case VALUE_NONE:
        return true;
    case VALUE_UNDEFINED:
        return (a.flags & VALUE_STRICT) == (b.flags & VALUE_STRICT);
    case VALUE_LIST:
    case VALUE_TUPLE:
        return a.as.list == b.as.list || equal_lists(a.as.list, b.as.list, depth, steps);
    case VALUE_DICT:
        return a.as.dict == b.as.dict || equal_dicts(a.as.dict, b.as.dict, depth, steps);
    case VALUE_RANGE:
        return equal_ranges(a.as.range, b.as.range);
    default:
        return a.as.macro == b.as.macro;
    }
}

bool value_equal_within(struct value a, struct value b, uint64_t *steps)
{
    return equal(a, b, 0, steps);
}

bool value_equal(struct value a, struct value b)
{
    uint64_t steps = EQUAL_STEPS;
    return equal(a, b, 0, &steps);
}

static bool same_key(const struct value_entry *entry, struct value key, uint64_t hash)
{
    if (entry->hash != hash)
        return false;
    if (key.type == VALUE_STR && entry->key.type == VALUE_STR)
        return str_eq(value_text(key), value_text(entry->key));
    return value_equal(entry->key, key);
}

/* The slot of key, or the free one where it would go. */
static size_t slot_of(const struct value_dict *dict, struct value key, uint64_t hash)
{
    size_t mask = dict->slot_count - 1, i = (size_t)(hash ^ hash >> 29) & mask;
    while (dict->slots[i] && !same_key(&dict->entries[dict->slots[i] - 1], key, hash))
        i = (i + 1) & mask;
    return i;
}

struct value *dict_find(const struct value_dict *dict, struct value key, uint64_t hash)
{
    if (dict->slots) {
        uint32_t at = dict->slots[slot_of(dict, key, hash)];
        return at ? &dict->entries[at - 1].value : NULL;
    }
    for (size_t i = 0; i < dict->len; i++) {
        if (same_key(&dict->entries[i], key, hash))
            return &dict->entries[i].value;
    }
    return NULL;
}

struct value *dict_find_text(const struct value_dict *dict, struct str key, uint64_t hash)
{
    return dict_find(dict, value_of_str(key), hash);
}

static void index_all(struct value_dict *dict)
{
    memset(dict->slots, 0, dict->slot_count * sizeof *dict->slots);
    for (size_t i = 0; i < dict->len; i++)
        dict->slots[slot_of(dict, dict->entries[i].key, dict->entries[i].hash)] = (uint32_t)i + 1;
}

static void widen(struct arena *arena, struct value_dict *dict, size_t cap)
{
    struct value_entry *entries = arena_calloc(arena, cap, sizeof *entries);
    if (dict->len)
        memcpy(entries, dict->entries, dict->len * sizeof *entries);
    dict->entries = entries;
    dict->cap = cap;
    if (cap > FEW_KEYS) {
        for (dict->slot_count = 4 * FEW_KEYS; dict->slot_count < cap * 2;)
            dict->slot_count *= 2;
        dict->slots = arena_calloc(arena, dict->slot_count, sizeof *dict->slots);
        index_all(dict);
    }
}

void dict_put(struct arena *arena, struct value_dict *dict, struct value key, uint64_t hash, struct value v)
{
    struct value *there = dict_find(dict, key, hash);
    if (there) {
        *there = v;
        return;
    }
    if (dict->len == dict->cap)
        widen(arena, dict, dict->cap ? dict->cap * 2 : 4);
    dict->entries[dict->len++] = (struct value_entry){key, v, hash};
    if (dict->slots)
        dict->slots[slot_of(dict, key, hash)] = (uint32_t)dict->len;
}

void dict_put_text(struct arena *arena, struct value_dict *dict, struct str key, struct value v)
{
    dict_put(arena, dict, value_of_str(key), str_hash(key), v);
}

void dict_reserve(struct arena *arena, struct value_dict *dict, size_t n)
{
    if (n > dict->cap)
        widen(arena, dict, n);
}

void dict_put_shared(struct arena *arena, struct value_dict *keys, struct value_dict *dict, struct str key,
                     struct value v)
{
    const uint64_t hash = str_hash(key);
    const struct value *known = dict_find_text(keys, key, hash);
    struct value shared = known ? *known : value_of_str(key);
    if (!known)
        dict_put(arena, keys, shared, hash, shared);
    dict_put(arena, dict, shared, hash, v);
}

bool dict_remove(struct value_dict *dict, struct value key, uint64_t hash, struct value *out)
{
    struct value *there = dict_find(dict, key, hash);
    if (!there)
        return false;
    *out = *there;
    size_t at = 0;
    while (&dict->entries[at].value != there)
        at++;
    memmove(&dict->entries[at], &dict->entries[at + 1], (dict->len - at - 1) * sizeof *dict->entries);
    dict->len--;
    if (dict->slots)
        index_all(dict);
    return true;
}
