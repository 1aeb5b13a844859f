#include "ingest/naming.h"

#include "base/buf.h"
#include "base/crypto.h"

#include <ctype.h>

enum { HASH_DIGITS = 12 };

static char folded(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c == '-' ? '_' : c;
}

static void add_joined(struct buf *out, const char *const *parts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_adds(out, "__");
        for (const char *c = parts[i]; *c; c++)
            buf_addc(out, folded(*c));
    }
}

/* Whether two lists of parts could meet in this part. */
static bool is_ambiguous(const char *part)
{
    size_t len = strlen(part);
    if (len == 0 || folded(part[len - 1]) == '_')
        return true;
    for (size_t i = 1; i < len; i++)
        if (folded(part[i - 1]) == '_' && folded(part[i]) == '_')
            return true;
    return false;
}

/* Names that look as if they ended in a hash get one: a plain name never equals a cut one. */
static bool ends_like_hash(struct str name)
{
    if (name.len <= HASH_DIGITS || name.data[name.len - HASH_DIGITS - 1] != '_')
        return false;
    for (size_t i = name.len - HASH_DIGITS; i < name.len; i++)
        if (!isxdigit((unsigned char)name.data[i]))
            return false;
    return true;
}

/* PostgreSQL keeps schemas and roles that begin so for itself. */
static bool is_reserved(struct str name)
{
    return str_starts(name, STR("pg_"));
}

static bool is_plain(struct str joined, const char *const *parts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_ambiguous(parts[i]))
            return false;
    return joined.len <= NAMING_MAX && !ends_like_hash(joined) && !is_reserved(joined);
}

bool naming_is_plain(const char *const *parts, size_t n)
{
    struct buf joined = {0};
    add_joined(&joined, parts, n);
    bool plain = is_plain(buf_str(&joined), parts, n);
    buf_dispose(&joined);
    return plain;
}

const char *naming_join(struct arena *arena, const char *const *parts, size_t n)
{
    struct buf *joined = buf_new(arena), *hashed = buf_new(arena);
    add_joined(joined, parts, n);
    if (is_plain(buf_str(joined), parts, n))
        return buf_text(joined);
    /* Lengths keep the parts apart. */
    for (size_t i = 0; i < n; i++) {
        buf_addf(hashed, "%zu:", strlen(parts[i]));
        add_joined(hashed, &parts[i], 1);
    }
    char hex[SHA256_HEX_SIZE];
    crypto_sha256_hex(buf_str(hashed), hex);
    const char *prefix = is_reserved(buf_str(joined)) ? "y_" : "";
    size_t room = NAMING_MAX - HASH_DIGITS - 1 - strlen(prefix), len = joined->len < room ? joined->len : room;
    while (len > 0 && len < joined->len && ((unsigned char)joined->data[len] & 0xC0) == 0x80)
        len--; /* not within a character */
    return arena_printf(arena, "%s%.*s_%.*s", prefix, (int)len, buf_text(joined), HASH_DIGITS, hex);
}

#define JOIN(arena, ...)                                                                                               \
    naming_join((arena), (const char *const[]){__VA_ARGS__},                                                           \
                sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

const char *naming_data_schema(struct arena *arena, const char *ecosystem, const char *platform)
{
    return JOIN(arena, ecosystem, platform);
}

const char *naming_table(struct arena *arena, const char *store, const char *dataset)
{
    return JOIN(arena, store, dataset);
}

const char *naming_view_schema(struct arena *arena, const char *ecosystem, const char *platform, const char *workspace)
{
    return JOIN(arena, ecosystem, platform, workspace);
}

const char *naming_view(struct arena *arena, const char *group, const char *store, const char *dataset,
                        const char *suffix)
{
    return suffix ? JOIN(arena, group, store, dataset, suffix) : JOIN(arena, group, store, dataset);
}

const char *naming_reader_role(struct arena *arena, const char *ecosystem, const char *platform, const char *workspace)
{
    return JOIN(arena, ecosystem, platform, workspace, "reader");
}

const char *naming_output_schema(struct arena *arena, const char *ecosystem, const char *platform,
                                 const char *transformer)
{
    return JOIN(arena, ecosystem, platform, transformer, "output");
}

const char *naming_next_schema(struct arena *arena, const char *ecosystem, const char *platform,
                               const char *transformer, int64_t fence)
{
    return JOIN(arena, ecosystem, platform, transformer, arena_printf(arena, "next%lld", (long long)fence));
}
