#include "stack/naming.h"

#include "template/k8s_name.h"

const char *naming_k8s(struct arena *arena, const char *text)
{
    return naming_k8s_max(arena, text, K8S_NAME_MAX);
}

const char *naming_k8s_max(struct arena *arena, const char *text, size_t max)
{
    return k8s_name(arena, str_from(text), max).data;
}

const char *naming_secret(struct arena *arena, const char *psp, const char *credential)
{
    return naming_k8s(arena, arena_printf(arena, "%s-%s", psp, credential));
}
