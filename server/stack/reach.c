#include "stack/reach.h"

#include "base/buf.h"

static const char space[] = " \t\r\n";

static struct str skip_space(struct str s)
{
    while (s.len && memchr(space, s.data[0], sizeof space - 1)) {
        s.data++;
        s.len--;
    }
    return s;
}

static struct str skip(struct str s, size_t n)
{
    return (struct str){s.data + n, s.len - n};
}

static bool starts_with_any(struct str s, const char *const *words)
{
    for (; *words; words++)
        if (str_starts(s, str_from(*words)))
            return true;
    return false;
}

static bool is_template(struct str path)
{
    return str_ends(path, STR(".j2"));
}

/* A name that is computed can be that of any template of the model. */
static void add_all(struct reach *reach)
{
    if (!reach->files)
        return;
    map_each(entry, reach->files)
    {
        if (is_template(entry->key) && !str_starts(entry->key, STR("//")))
            reach_add(reach, arena_printf(reach->arena, "model/" STR_FMT, STR_ARG(entry->key)));
    }
}

/* The operand of include, import, from or extends: one literal and nothing that goes on with it, or any name. */
static void add_operand(struct reach *reach, struct str operand)
{
    static const char *const after[] = {"%}", "-%}", "+%}", "ignore", "with", "import", "as", NULL};
    char quote = operand.len ? operand.data[0] : '\0';
    const char *end = quote == '\'' || quote == '"' ? memchr(operand.data + 1, quote, operand.len - 1) : NULL;
    size_t len = end ? (size_t)(end - operand.data) - 1 : 0;
    bool plain = end && !memchr(operand.data + 1, '\\', len);
    if (plain && starts_with_any(skip_space(skip(operand, len + 2)), after))
        reach_add(reach, arena_strndup(reach->arena, operand.data + 1, len));
    else
        add_all(reach);
}

void reach_add_text(struct reach *reach, struct str text)
{
    static const char *const words[] = {"include", "import", "from", "extends", NULL};
    for (size_t i = 0; i + 1 < text.len; i++) {
        struct str tag = skip(text, i);
        if (!str_starts(tag, STR("{%")))
            continue;
        tag = skip(tag, 2);
        if (tag.len && (tag.data[0] == '-' || tag.data[0] == '+'))
            tag = skip(tag, 1);
        tag = skip_space(tag);
        for (const char *const *word = words; *word; word++)
            if (str_starts(tag, str_from(*word)))
                add_operand(reach, skip_space(skip(tag, strlen(*word))));
    }
}

/* Recursion: each template once, and limited by how many a model can have. */
void reach_add(struct reach *reach, const char *name)
{
    struct str text;
    if (map_getz(&reach->seen, name))
        return;
    map_put(&reach->seen, str_from(name), (void *)(uintptr_t)name);
    if (reach->load(reach->ctx, name, &text))
        reach_add_text(reach, text);
}

void reach_hash(const struct reach *reach, struct str declaration, char out[SHA256_HEX_SIZE])
{
    struct buf all = {0};
    char hash[SHA256_HEX_SIZE];
    crypto_sha256_hex(declaration, hash);
    buf_addf(&all, "%s\n", hash);
    map_each(entry, &reach->seen)
    {
        struct str text;
        bool there = reach->load(reach->ctx, entry->value, &text);
        if (there)
            crypto_sha256_hex(text, hash);
        buf_addf(&all, "%s %s\n", there ? hash : "-", (const char *)entry->value);
    }
    crypto_sha256_hex(buf_str(&all), out);
    buf_dispose(&all);
}
