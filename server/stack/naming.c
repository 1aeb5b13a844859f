#include "stack/naming.h"

#include "base/crypto.h"
#include "base/str.h"

enum { K8S_NAME_MAX = 63, HASH_DIGITS = 8 };

const char *naming_k8s(struct arena *arena, const char *text)
{
    return naming_k8s_max(arena, text, K8S_NAME_MAX);
}

const char *naming_k8s_max(struct arena *arena, const char *text, size_t max)
{
    char *name = arena_strdup(arena, text);
    for (char *c = name; *c; c++) {
        if (*c == '_' || *c == '.')
            *c = '-';
        else if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    }
    size_t len = strlen(name);
    while (len && name[len - 1] == '-')
        name[--len] = '\0';
    if (len <= max)
        return name;
    char hash[SHA256_HEX_SIZE];
    crypto_sha256_hex(str_from(text), hash);
    return arena_printf(arena, "%.*s-%.*s", (int)max - HASH_DIGITS - 1, name, HASH_DIGITS, hash);
}

const char *naming_secret(struct arena *arena, const char *psp, const char *credential)
{
    return naming_k8s(arena, arena_printf(arena, "%s-%s", psp, credential));
}
