#include "ingest/json_rows.h"

#include "ingest/wire.h"

void json_rows_init(struct json_rows *rows, struct arena *arena, const struct work_dataset *dataset)
{
    *rows = (struct json_rows){.dataset = dataset, .columns = {.arena = arena}};
    rows->values = arena_calloc(arena, dataset->column_count, sizeof *rows->values);
    rows->seen = arena_calloc(arena, dataset->column_count, sizeof *rows->seen);
    for (size_t i = 0; i < dataset->column_count; i++)
        (void)map_put(&rows->columns, str_from(dataset->columns[i].name), (void *)(uintptr_t)(i + 1));
}

void json_rows_dispose(struct json_rows *rows)
{
    encoder_dispose(&rows->encoder);
    buf_dispose(&rows->tuple);
    buf_dispose(&rows->name);
}

/* 1 + index of the column; 0: none. Members mostly come in one order: expected is tried first. */
static size_t find_column(struct json_rows *rows, const struct jtext_value *name, size_t expected)
{
    struct str text = name->raw;
    if (name->escaped) {
        buf_cut(&rows->name, 0);
        if (!jtext_decode(name, &rows->name))
            return 0;
        text = buf_str(&rows->name);
    }
    if (expected < rows->dataset->column_count && str_eqz(text, rows->dataset->columns[expected].name))
        return expected + 1;
    return (size_t)(uintptr_t)map_get(&rows->columns, text);
}

static enum jtext_result read_members(struct json_rows *rows, struct jtext *t)
{
    size_t expected = 0;
    char c;
    t->at++;
    enum jtext_result rc = jtext_peek(t, &c);
    if (rc != JTEXT_OK)
        return rc;
    for (bool first = true; !(first && c == '}'); first = false) {
        struct jtext_value name, value;
        jtext_space(t);
        if ((rc = jtext_string(t, &name)) != JTEXT_OK || (rc = jtext_peek(t, &c)) != JTEXT_OK)
            return rc;
        if (c != ':')
            return jtext_unexpected(t, "a colon is expected");
        t->at++;
        if ((rc = jtext_value(t, &value)) != JTEXT_OK || (rc = jtext_peek(t, &c)) != JTEXT_OK)
            return rc;
        size_t found = find_column(rows, &name, expected);
        if (found) {
            expected = found;
            if (rows->seen[found - 1] == rows->number)
                rows->problem = "a member is there twice";
            rows->seen[found - 1] = rows->number;
            rows->values[found - 1] = value;
        }
        if (c == '}')
            break;
        if (c != ',')
            return jtext_unexpected(t, "a comma or } is expected");
        t->at++;
    }
    t->at++;
    return JTEXT_OK;
}

enum jtext_result json_rows_read(struct json_rows *rows, struct jtext *t)
{
    struct jtext_value value;
    char c;
    rows->number++;
    rows->problem = NULL;
    enum jtext_result rc = jtext_peek(t, &c);
    if (rc != JTEXT_OK)
        return rc;
    const char *start = t->at;
    if (c == '{') {
        rc = read_members(rows, t);
    } else {
        rows->problem = "the record is no object";
        rc = jtext_value(t, &value);
    }
    rows->raw = (struct str){start, (size_t)(t->at - start)};
    return rc;
}

bool json_rows_tuple(struct json_rows *rows, struct str *tuple, const char **column, const char **reason)
{
    const struct work_dataset *dataset = rows->dataset;
    struct buf *out = &rows->tuple;
    *column = NULL;
    *reason = rows->problem;
    if (rows->problem)
        return false;
    buf_cut(out, 0);
    wire_int16(out, (int16_t)dataset->column_count);
    for (size_t i = 0; i < dataset->column_count; i++) {
        const struct work_column *to = &dataset->columns[i];
        bool null = rows->seen[i] != rows->number || rows->values[i].kind == JTEXT_NULL;
        *column = to->name;
        *reason = "null in a column that has none";
        if (null && !to->nullable)
            return false;
        *reason = rows->encoder.reason;
        if (null)
            wire_null(out);
        else if (!encode_json(&rows->encoder, &to->type, &rows->values[i], out))
            return false;
    }
    *tuple = buf_str(out);
    return true;
}
