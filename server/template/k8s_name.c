#include "template/k8s_name.h"

#include "base/crypto.h"

enum { HASH_DIGITS = 8 };

static size_t without_dashes(const char *name, size_t len)
{
    while (len && name[len - 1] == '-')
        len--;
    return len;
}

struct str k8s_name(struct arena *arena, struct str s, size_t max)
{
    char name[K8S_NAME_MAX];
    size_t n = 0;
    bool changed = s.len > max;
    for (size_t i = 0; i < s.len && n < max; i++) {
        char c = s.data[i];
        bool upper = c >= 'A' && c <= 'Z', plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || upper;
        bool dash = c == '-' || c == '_' || c == '.';
        changed |= !plain && !dash;
        if (!plain && n == 0)
            changed = true;
        else
            name[n++] = upper ? (char)(c | 0x20) : plain ? c : '-';
    }
    changed |= without_dashes(name, n) != n;
    if (!changed)
        return (struct str){arena_strndup(arena, name, n), n};
    char hex[SHA256_HEX_SIZE];
    crypto_sha256_hex(s, hex);
    n = without_dashes(name, n < max - HASH_DIGITS - 1 ? n : max - HASH_DIGITS - 1);
    return str_from(arena_printf(arena, "%.*s%s%.*s", (int)n, name, n ? "-" : "x", HASH_DIGITS, hex));
}
