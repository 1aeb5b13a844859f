#include "ingest/jrecords.h"
#include "ingest/jtext_canonical.h"
#include "template/value.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
    struct str text;
    size_t size;
    struct buf *out;
    struct jtext_value value;
};

static int read_piece(void *ctx, struct str *piece, struct err *err)
{
    struct reading *reading = ctx;
    (void)err;
    if (reading->text.len == 0)
        return 0;
    *piece = (struct str){reading->text.data, reading->size < reading->text.len ? reading->size : reading->text.len};
    reading->text.data += piece->len;
    reading->text.len -= piece->len;
    return 1;
}

static enum jtext_result read_record(void *ctx, struct jtext *t)
{
    struct reading *reading = ctx;
    return jtext_value(t, &reading->value);
}

/* What jsonb prints of it is JSON, and stays as it is. */
static void check_canonical(const struct jtext_value *value, struct buf *out)
{
    struct jtext_members members = {0};
    struct buf scratch = {0}, again = {0};
    size_t start = out->len;
    if (jtext_canonical(&members, &scratch, value, out) == NULL) {
        struct jtext t = {.at = out->data + start, .end = out->data + out->len, .whole = true};
        struct jtext_value printed;
        if (jtext_value(&t, &printed) != JTEXT_OK || t.at != t.end ||
            jtext_canonical(&members, &scratch, &printed, &again) ||
            !str_eq(buf_str(&again), (struct str){out->data + start, out->len - start}))
            abort();
    }
    jtext_members_dispose(&members);
    buf_dispose(&scratch);
    buf_dispose(&again);
}

static void read_all(struct str text, size_t size, struct buf *out)
{
    struct reading reading = {.text = text, .size = size, .out = out};
    const struct jrecords_options options = {"/a/0", "/n", read_piece, read_record, &reading};
    struct jrecords *records;
    struct err err = {0};
    int rc;
    if (jrecords_open(&options, &records, &err))
        abort();
    while ((rc = jrecords_next(records, &err)) == 1) {
        check_canonical(&reading.value, out);
        buf_addc(out, '\n');
    }
    const char *cursor = jrecords_cursor(records);
    buf_addf(out, "%s%s", rc ? err.text : "", cursor && rc == 0 ? cursor : "");
    jrecords_close(records);
}

/* Values are those of jansson's tree, or both refuse it. */
static void check_values(struct str text)
{
    struct arena *arena = arena_new();
    struct value *value = NULL;
    json_t *tree = NULL;
    struct err err = {0};
    int rc = value_read_json(arena, text, &value, &err);
    if (json_read(arena, text, &tree, &err) != rc || (rc == 0 && !value_equal(*value, *value_from_json(arena, tree))))
        abort();
    arena_free(arena);
}

/* Any text: in one piece and in small ones it is the same, to the place where it is wrong. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = {0};
    read_all((struct str){(const char *)data, size}, size + 1, &whole);
    for (size_t n = 1; n <= 5; n += 2) {
        struct buf pieces = {0};
        read_all((struct str){(const char *)data, size}, n, &pieces);
        if (!str_eq(buf_str(&whole), buf_str(&pieces)))
            abort();
        buf_dispose(&pieces);
    }
    buf_dispose(&whole);
    check_values((struct str){(const char *)data, size});
    return 0;
}
