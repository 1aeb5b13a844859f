#include "base/buf.h"
#include "pg/pg.h"

#include <inttypes.h>
#include <stdlib.h>

struct pg_param pg_int(struct arena *arena, int64_t value)
{
    return PG_TEXT(arena_printf(arena, "%" PRId64, value));
}

struct pg_param pg_bool(bool value)
{
    return PG_TEXT(value ? "t" : "f");
}

struct pg_param pg_text_array(struct arena *arena, const char *const *items, size_t n)
{
    struct buf *buf = buf_new(arena);
    buf_addc(buf, '{');
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_addc(buf, ',');
        if (!items[i]) {
            buf_adds(buf, "NULL");
            continue;
        }
        buf_addc(buf, '"');
        for (const char *c = items[i]; *c; c++) {
            if (*c == '"' || *c == '\\')
                buf_addc(buf, '\\');
            buf_addc(buf, *c);
        }
        buf_addc(buf, '"');
    }
    buf_addc(buf, '}');
    return PG_TEXT(buf_text(buf));
}

size_t pg_array_texts(struct arena *arena, const struct pg_rows *rows, size_t row, int column, const char *const **out)
{
    const char *c = pg_text(rows, row, column);
    if (!c || *c != '{')
        return 0;
    /* Each item is at least one byte and its separator. */
    const char **items = arena_calloc(arena, strlen(c) / 2 + 1, sizeof *items);
    size_t n = 0;
    struct buf *item = buf_new(arena);
    for (c++; *c && *c != '}';) {
        bool quoted = *c == '"';
        c += quoted;
        buf_cut(item, 0);
        while (*c && (quoted ? *c != '"' : *c != ',' && *c != '}')) {
            if (*c == '\\' && c[1])
                c++;
            buf_addc(item, *c++);
        }
        c += quoted && *c == '"';
        items[n++] = !quoted && strcmp(buf_text(item), "NULL") == 0 ? NULL : arena_strdup(arena, buf_text(item));
        c += *c == ',';
    }
    *out = items;
    return n;
}

bool pg_is_null(const struct pg_rows *rows, size_t row, int column)
{
    return PQgetisnull(rows->result, (int)row, column) != 0;
}

const char *pg_text(const struct pg_rows *rows, size_t row, int column)
{
    return pg_is_null(rows, row, column) ? NULL : PQgetvalue(rows->result, (int)row, column);
}

struct str pg_str(const struct pg_rows *rows, size_t row, int column)
{
    if (pg_is_null(rows, row, column))
        return (struct str){0};
    return (struct str){PQgetvalue(rows->result, (int)row, column),
                        (size_t)PQgetlength(rows->result, (int)row, column)};
}

int64_t pg_integer(const struct pg_rows *rows, size_t row, int column)
{
    int64_t value = 0;
    (void)str_int64(pg_str(rows, row, column), INT64_MIN, INT64_MAX, &value);
    return value;
}

bool pg_is_true(const struct pg_rows *rows, size_t row, int column)
{
    return str_eq(pg_str(rows, row, column), STR("t"));
}

static int nibble(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct str pg_bytes(struct arena *arena, const struct pg_rows *rows, size_t row, int column)
{
    struct str hex = pg_str(rows, row, column);
    if (hex.len < 2 || hex.data[0] != '\\' || hex.data[1] != 'x')
        return (struct str){0};
    size_t len = hex.len / 2 - 1;
    char *bytes = arena_alloc(arena, len + 1);
    for (size_t i = 0; i < len; i++) {
        int high = nibble(hex.data[2 + 2 * i]), low = nibble(hex.data[3 + 2 * i]);
        if (high < 0 || low < 0)
            return (struct str){0};
        bytes[i] = (char)(high << 4 | low);
    }
    return (struct str){bytes, len};
}
