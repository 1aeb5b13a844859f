#include "ingest/csv.h"
#include "base/buf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct pieces {
    struct str text;
    size_t size;
};

static int read_piece(void *ctx, struct str *piece, struct err *err)
{
    struct pieces *pieces = ctx;
    (void)err;
    if (pieces->text.len == 0)
        return 0;
    *piece = (struct str){pieces->text.data, pieces->size < pieces->text.len ? pieces->size : pieces->text.len};
    pieces->text.data += piece->len;
    pieces->text.len -= piece->len;
    return 1;
}

static void read_all(const struct csv_options *options, struct str text, size_t size, struct buf *out)
{
    struct pieces pieces = {text, size};
    struct csv *csv;
    struct csv_record record;
    struct err err = {0};
    if (csv_open(options, false, read_piece, &pieces, &csv, &err))
        abort();
    while (csv_next(csv, &record, &err) == 1) {
        buf_addf(out, "%lld%s", (long long)record.line, record.bad ? record.bad : "");
        for (size_t i = 0; i < record.count && !record.bad; i++) {
            buf_addc(out, record.values[i].quoted ? '\1' : '\2');
            buf_add_str(out, record.values[i].text);
        }
        buf_add_str(out, record.raw);
    }
    csv_close(csv);
}

/* Any text, of which the first byte chooses how it is read: in one piece and in small ones it is the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const delimiters[] = {",", ";", "\xc2\xa6", "\t"}, *const quotes[] = {"\"", "", "'", "\xc2\xab"},
                             *const encodings[] = {"UTF-8", "UTF-16", "windows-1252", "SHIFT_JIS"};
    if (size == 0)
        return 0;
    struct csv_options options = {.delimiter = delimiters[data[0] & 3],
                                  .quote = quotes[data[0] >> 2 & 3],
                                  .encoding = encodings[data[0] >> 4 & 3],
                                  .null_text = ""};
    struct str text = {(const char *)data + 1, size - 1};
    struct buf whole = {0};
    read_all(&options, text, size, &whole);
    for (size_t n = 1; n <= 5; n += 2) {
        struct buf pieces = {0};
        read_all(&options, text, n, &pieces);
        if (!str_eq(buf_str(&whole), buf_str(&pieces)))
            abort();
        buf_dispose(&pieces);
    }
    buf_dispose(&whole);
    return 0;
}
