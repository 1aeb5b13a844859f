#include "model/resources.h"

const char *const resource_names[RESOURCE_COUNT] = {
    [RESOURCE_MEMORY_REQUEST] = "requests.memory",
    [RESOURCE_MEMORY_LIMIT] = "limits.memory",
    [RESOURCE_CPU_REQUEST] = "requests.cpu",
    [RESOURCE_CPU_LIMIT] = "limits.cpu",
};

const struct resources resources_system_ingestion = {.value = {[RESOURCE_MEMORY_REQUEST] = "256Mi",
                                                               [RESOURCE_MEMORY_LIMIT] = "1Gi",
                                                               [RESOURCE_CPU_REQUEST] = "100m",
                                                               [RESOURCE_CPU_LIMIT] = "500m"}};
const struct resources resources_system_transformer = {.value = {[RESOURCE_MEMORY_REQUEST] = "512Mi",
                                                                 [RESOURCE_MEMORY_LIMIT] = "2Gi",
                                                                 [RESOURCE_CPU_REQUEST] = "200m",
                                                                 [RESOURCE_CPU_LIMIT] = "1"}};

/* What a suffix multiplies by: a power of ten in thousandths, or a power of two. */
static const struct suffix {
    const char *text;
    int ten, two;
} suffixes[] = {
    {"n", -9, 0},  {"u", -6, 0},  {"m", -3, 0},  {"", 0, 0},    {"k", 3, 0},   {"M", 6, 0},
    {"G", 9, 0},   {"T", 12, 0},  {"P", 15, 0},  {"E", 18, 0},  {"Ki", 0, 10}, {"Mi", 0, 20},
    {"Gi", 0, 30}, {"Ti", 0, 40}, {"Pi", 0, 50}, {"Ei", 0, 60},
};

static bool read_suffix(struct str text, int *ten, int *two)
{
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (str_eqz(text, suffixes[i].text)) {
            *ten = suffixes[i].ten;
            *two = suffixes[i].two;
            return true;
        }
    int64_t exponent;
    if (text.len < 2 || (text.data[0] | 0x20) != 'e')
        return false;
    struct str digits = {text.data + 1, text.len - 1};
    if (digits.data[0] == '+')
        digits = (struct str){digits.data + 1, digits.len - 1};
    if (!str_int64(digits, -30, 30, &exponent))
        return false;
    *ten = (int)exponent;
    *two = 0;
    return true;
}

bool quantity_parse(struct str text, int64_t *milli)
{
    enum { DIGITS = 24 };
    unsigned __int128 value = 0;
    int fraction = 0;
    size_t i = 0, digits = 0, significant = 0;
    bool point = false;
    for (; i < text.len; i++) {
        char c = text.data[i];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            break;
        digits++;
        significant += value != 0 || c != '0';
        if (significant > DIGITS || digits > 64)
            return false;
        value = value * 10 + (unsigned)(c - '0');
        fraction += point;
    }
    int ten, two;
    if (digits == 0 || value == 0 || !read_suffix((struct str){text.data + i, text.len - i}, &ten, &two))
        return false;
    const unsigned __int128 limit = (unsigned __int128)1 << 126;
    for (; two > 0; two--) {
        if (value > limit)
            return false;
        value *= 2;
    }
    for (ten += 3 - fraction; ten > 0; ten--) {
        if (value > limit / 10)
            return false;
        value *= 10;
    }
    for (; ten < 0; ten++) /* rounded up, as Kubernetes does: once, since (x/10 up)/10 up is x/100 up */
        value = (value + 9) / 10;
    if (value > INT64_MAX)
        return false;
    *milli = (int64_t)value;
    return true;
}

const enum resource resource_pairs[2][2] = {{RESOURCE_MEMORY_REQUEST, RESOURCE_MEMORY_LIMIT},
                                            {RESOURCE_CPU_REQUEST, RESOURCE_CPU_LIMIT}};

static int read_milli(const struct resource_level *levels, const struct resource_resolution *resolution,
                      enum resource resource, int64_t *milli, struct err *err)
{
    const char *text = resolution->values.value[resource];
    if (quantity_parse(str_from(text), milli))
        return 0;
    return err_set(err, ERR_INVALID, "%s is \"%s\" (%s), which is no quantity", resource_names[resource], text,
                   levels[resolution->winner[resource]].source);
}

int resources_check_pair(const struct resource_level *levels, const struct resource_resolution *resolution,
                         const enum resource pair[2], struct err *err)
{
    enum resource request = pair[0], limit = pair[1];
    int64_t low, high;
    int rc = read_milli(levels, resolution, request, &low, err);
    if (rc == 0)
        rc = read_milli(levels, resolution, limit, &high, err);
    if (rc || low <= high)
        return rc;
    const struct resource_level *from = &levels[resolution->winner[request]], *to = &levels[resolution->winner[limit]];
    err_set(err, ERR_INVALID, "%s %s (%s: %s) is more than %s %s (%s: %s)", resource_names[request],
            resolution->values.value[request], from->name, from->source, resource_names[limit],
            resolution->values.value[limit], to->name, to->source);
    return err_hint(err, "give both in one place, or raise %s", resource_names[limit]);
}

int resources_pick(const struct resource_level *levels, size_t n, struct resource_resolution *out, struct err *err)
{
    struct resource_resolution result = {0};
    for (int r = 0; r < RESOURCE_COUNT; r++) {
        size_t level = 0;
        while (level < n && !levels[level].values.value[r])
            level++;
        if (level == n)
            return err_set(err, ERR_INTERNAL, "no level gives %s", resource_names[r]);
        result.values.value[r] = levels[level].values.value[r];
        result.winner[r] = level;
    }
    *out = result;
    return 0;
}

int resources_resolve(const struct resource_level *levels, size_t n, struct resource_resolution *out, struct err *err)
{
    struct resource_resolution result;
    int rc = resources_pick(levels, n, &result, err);
    for (size_t i = 0; i < 2 && rc == 0; i++)
        rc = resources_check_pair(levels, &result, resource_pairs[i], err);
    if (rc == 0)
        *out = result;
    return rc;
}
