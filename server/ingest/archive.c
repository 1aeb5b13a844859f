#include "ingest/archive.h"

#include "base/file.h"

enum { BLOCK = 512 };

/* Fields of a header block: offset and size. */
struct header {
    const char *block;
};

static struct str field(const struct header *header, size_t at, size_t size)
{
    struct str text = {header->block + at, 0};
    while (text.len < size && text.data[text.len])
        text.len++;
    return text;
}

static bool octal(struct str text, size_t *out)
{
    size_t value = 0;
    text = str_trim(text);
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '7' || value > SIZE_MAX / 16)
            return false;
        value = value * 8 + (size_t)(text.data[i] - '0');
    }
    *out = value;
    return text.len > 0;
}

static bool is_empty(const char *block)
{
    for (size_t i = 0; i < BLOCK; i++)
        if (block[i])
            return false;
    return true;
}

static bool sum_holds(const struct header *header)
{
    size_t told, sum = 0;
    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= 148 && i < 156 ? ' ' : (unsigned char)header->block[i];
    return octal(field(header, 148, 8), &told) && told == sum;
}

static bool is_safe(struct str path)
{
    if (!path.len || path.len > 1024 || path.data[0] == '/' || !str_is_utf8(path))
        return false;
    for (size_t i = 0; i < path.len; i++)
        if ((unsigned char)path.data[i] < 0x20 || path.data[i] == '\\')
            return false;
    for (struct str rest = path; rest.data;) {
        struct str part = str_cut(&rest, '/');
        if (part.len == 0 || str_eqz(part, ".") || str_eqz(part, ".."))
            return false;
    }
    return true;
}

static int write_entry(struct arena *arena, const char *folder, struct str path, struct str data, struct err *err)
{
    const char *full = arena_printf(arena, "%s/" STR_FMT, folder, STR_ARG(path));
    char *parent = arena_strdup(arena, full);
    *strrchr(parent, '/') = '\0';
    int rc = file_make_dirs(parent, 0700, err);
    return rc ? rc : file_write(full, data, 0600, err);
}

int archive_unpack(struct arena *arena, struct str tar, const char *folder, struct err *err)
{
    size_t at = 0, size;
    while (at + BLOCK <= tar.len && !is_empty(tar.data + at)) {
        struct header header = {tar.data + at};
        if (!sum_holds(&header) || !octal(field(&header, 124, 12), &size) || size > tar.len - at - BLOCK)
            return err_set(err, ERR_INVALID, "the archive is damaged at byte %zu", at);
        struct str name = field(&header, 0, 100), prefix = field(&header, 345, 155);
        const char *path = prefix.len ? arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(prefix), STR_ARG(name))
                                      : arena_strndup(arena, name.data, name.len);
        char type = header.block[156];
        if (type != '0' && type != '\0')
            return err_set(err, ERR_INVALID, "the archive's %.200s is not a regular file", path);
        if (!is_safe(str_from(path)))
            return err_set(err, ERR_INVALID, "the archive has a path that leads elsewhere: \"%.200s\"", path);
        int rc = write_entry(arena, folder, str_from(path), (struct str){tar.data + at + BLOCK, size}, err);
        if (rc)
            return rc;
        at += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
    }
    return 0;
}
