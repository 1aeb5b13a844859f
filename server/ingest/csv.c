#include "ingest/csv.h"

#include "base/buf.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <strings.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { PAD = 16 }; /* readable bytes behind the text, for reading sixteen at a time */

struct csv {
    struct str delimiter, quote;
    bool one_column;
    csv_read_fn *read;
    void *ctx;
    struct buf text; /* from start on: what is not yet given out */
    size_t start;
    bool begun, ended; /* the byte order mark is past; read has nothing more */
    int64_t line;
    struct csv_value *values;
    size_t count, cap;
    struct buf unquoted; /* values of the record that had doubled quotes */
    iconv_t iconv;       /* (iconv_t)-1: the text is UTF-8 already */
    size_t unit;         /* bytes to step over when a character is none */
    struct buf pending;  /* bytes that are not yet decoded */
};

static bool is_utf8_name(const char *encoding)
{
    return strcasecmp(encoding, "utf-8") == 0 || strcasecmp(encoding, "utf8") == 0;
}

static size_t unit_of(const char *encoding)
{
    if (strncasecmp(encoding, "utf-16", 6) == 0 || strncasecmp(encoding, "ucs-2", 5) == 0)
        return 2;
    return strncasecmp(encoding, "utf-32", 6) == 0 || strncasecmp(encoding, "ucs-4", 5) == 0 ? 4 : 1;
}

int csv_open(const struct csv_options *options, bool one_column, csv_read_fn *read, void *ctx, struct csv **out,
             struct err *err)
{
    iconv_t iconv = (iconv_t)-1;
    if (!is_utf8_name(options->encoding)) {
        iconv = iconv_open("UTF-8", options->encoding);
        if (iconv == (iconv_t)-1) {
            (void)err_set(err, ERR_INVALID, "encoding \"%s\" is unknown", options->encoding);
            return err_hint(err, "a name that iconv --list shows");
        }
    }
    struct csv *csv = calloc(1, sizeof *csv);
    if (!csv)
        abort();
    csv->delimiter = str_from(options->delimiter);
    csv->quote = str_from(options->quote);
    csv->one_column = one_column;
    csv->read = read;
    csv->ctx = ctx;
    csv->line = 1;
    csv->iconv = iconv;
    csv->unit = unit_of(options->encoding);
    *out = csv;
    return 0;
}

void csv_close(struct csv *csv)
{
    if (csv->iconv != (iconv_t)-1)
        (void)iconv_close(csv->iconv);
    buf_dispose(&csv->text);
    buf_dispose(&csv->unquoted);
    buf_dispose(&csv->pending);
    free(csv->values);
    free(csv);
}

/* Decodes what is pending; a byte that is no character becomes 0xff, which is none in UTF-8 either. */
static void decode(struct csv *csv, bool end)
{
    char *in = csv->pending.data;
    size_t left = csv->pending.len;
    while (left) {
        size_t room = left * 2 + 64;
        char *to = buf_reserve(&csv->text, room + PAD), *at = to;
        size_t result = iconv(csv->iconv, &in, &left, &at, &room);
        int why = errno;
        csv->text.len += (size_t)(at - to);
        if (result != (size_t)-1 || why == E2BIG)
            continue;
        if (why == EINVAL && !end)
            break; /* the rest of the character is in the next piece */
        size_t step = csv->unit < left ? csv->unit : left;
        buf_addc(&csv->text, '\xff');
        in += step;
        left -= step;
    }
    memmove(csv->pending.data, in, left);
    buf_cut(&csv->pending, left);
}

/* Reads until there are at least `wanted` bytes from start on, or the end is reached. */
static int fill(struct csv *csv, size_t wanted, struct err *err)
{
    if (csv->start) {
        memmove(csv->text.data, csv->text.data + csv->start, csv->text.len - csv->start);
        buf_cut(&csv->text, csv->text.len - csv->start);
        csv->start = 0;
    }
    while (!csv->ended && csv->text.len < wanted) {
        struct str piece;
        int rc = csv->read(csv->ctx, &piece, err);
        if (rc < 0)
            return rc;
        csv->ended = rc == 0;
        if (csv->iconv != (iconv_t)-1) {
            if (rc)
                buf_add_str(&csv->pending, piece);
            if (csv->pending.len)
                decode(csv, csv->ended);
        } else if (rc) {
            buf_add_str(&csv->text, piece);
        }
    }
    memset(buf_reserve(&csv->text, PAD), 0, PAD);
    return 0;
}

/* The first delimiter or end of line, or end. */
static const char *find_stop(const char *p, const char *end, char delimiter)
{
#ifdef __SSE2__
    const __m128i delimiters = _mm_set1_epi8(delimiter), newlines = _mm_set1_epi8('\n');
    for (; p < end; p += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
        int mask = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, delimiters), _mm_cmpeq_epi8(bytes, newlines)));
        if (mask) {
            p += __builtin_ctz((unsigned)mask);
            return p < end ? p : end;
        }
    }
    return end;
#else
    while (p < end && *p != delimiter && *p != '\n')
        p++;
    return p;
#endif
}

static bool is_at(const char *p, const char *end, struct str s)
{
    return (size_t)(end - p) >= s.len && (s.len == 1 ? *p == s.data[0] : memcmp(p, s.data, s.len) == 0);
}

/* Where an unquoted value ends: at a delimiter, a newline or the end of the text. */
static const char *end_of_plain(const struct csv *csv, const char *p, const char *end)
{
    for (;;) {
        p = find_stop(p, end, csv->delimiter.data[0]);
        if (p == end || *p == '\n' || is_at(p, end, csv->delimiter))
            return p;
        p++; /* the first byte of a longer delimiter alone */
    }
}

static void add_value(struct csv *csv, const char *data, size_t len, bool quoted)
{
    if (csv->count == csv->cap) {
        csv->cap = csv->cap ? csv->cap * 2 : 32;
        csv->values = realloc(csv->values, csv->cap * sizeof *csv->values);
        if (!csv->values)
            abort();
    }
    csv->values[csv->count++] = (struct csv_value){{data, len}, quoted};
}

enum found { FOUND, INCOMPLETE, UNCLOSED, BEHIND_QUOTE };

/* A value in quotes: p behind the first one. *next behind the last one. */
static enum found take_quoted(struct csv *csv, const char *p, const char *end, const char **next)
{
    const char *from = p;
    size_t unquoted = csv->unquoted.len;
    bool doubled = false;
    for (;;) {
        const char *q = csv->quote.len == 1 ? memchr(p, csv->quote.data[0], (size_t)(end - p))
                                            : memmem(p, (size_t)(end - p), csv->quote.data, csv->quote.len);
        if (!q)
            return csv->ended ? UNCLOSED : INCOMPLETE;
        const char *behind = q + csv->quote.len;
        if (!csv->ended && (size_t)(end - behind) < csv->quote.len)
            return INCOMPLETE; /* it may be doubled */
        if (!is_at(behind, end, csv->quote)) {
            if (doubled) {
                /* The buffer may move before the record is complete: its offset now, its place later. */
                buf_add(&csv->unquoted, from, (size_t)(q - from));
                add_value(csv, NULL, csv->unquoted.len - unquoted, true);
            } else {
                add_value(csv, from, (size_t)(q - from), true);
            }
            *next = behind;
            return FOUND;
        }
        doubled = true;
        buf_add(&csv->unquoted, from, (size_t)(behind - from));
        p = from = behind + csv->quote.len;
    }
}

static void place_unquoted(struct csv *csv)
{
    const char *at = csv->unquoted.data;
    for (size_t i = 0; i < csv->count; i++)
        if (!csv->values[i].text.data) {
            csv->values[i].text.data = at;
            at += csv->values[i].text.len;
        }
}

/* The record at p; *next behind the end of its line, *raw_end before it. */
static enum found take_record(struct csv *csv, const char *p, const char *end, const char **next, const char **raw_end)
{
    csv->count = 0;
    buf_cut(&csv->unquoted, 0);
    bool behind_quote = false;
    for (;;) {
        const char *stop;
        if (csv->quote.len && is_at(p, end, csv->quote)) {
            enum found found = take_quoted(csv, p + csv->quote.len, end, &stop);
            if (found != FOUND)
                return found;
            const char *plain_end = end_of_plain(csv, stop, end);
            bool return_only = plain_end - stop == 1 && *stop == '\r';
            behind_quote |= plain_end > stop && !(return_only && (plain_end == end || *plain_end == '\n'));
            p = plain_end;
        } else {
            stop = end_of_plain(csv, p, end);
            size_t len = (size_t)(stop - p);
            if (len && stop[-1] == '\r' && (stop == end || *stop == '\n'))
                len--;
            add_value(csv, p, len, false);
            p = stop;
        }
        if (p == end) {
            *next = *raw_end = end;
            break;
        }
        if (*p == '\n') {
            *next = p + 1;
            *raw_end = p;
            break;
        }
        p += csv->delimiter.len;
    }
    if (p == end && !csv->ended)
        return INCOMPLETE;
    return behind_quote ? BEHIND_QUOTE : FOUND;
}

static int64_t count_lines(const char *p, const char *end)
{
    int64_t n = 0;
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
        n++;
        p++;
    }
    return n;
}

static void skip_mark(struct csv *csv)
{
    struct str text = {csv->text.data + csv->start, csv->text.len - csv->start};
    if (text.len && str_starts(text, STR("\xef\xbb\xbf")))
        csv->start += 3;
    csv->begun = true;
}

int csv_next(struct csv *csv, struct csv_record *record, struct err *err)
{
    int rc;
    if (!csv->begun) {
        if ((rc = fill(csv, 3, err)) != 0)
            return rc;
        skip_mark(csv);
    }
    for (;;) {
        size_t have = csv->text.len - csv->start;
        if (have == 0) {
            if (csv->ended)
                return 0;
            if ((rc = fill(csv, 1, err)) != 0)
                return rc;
            continue;
        }
        const char *p = csv->text.data + csv->start, *end = csv->text.data + csv->text.len, *next = end, *raw_end = end;
        enum found found = take_record(csv, p, end, &next, &raw_end);
        if (found == INCOMPLETE) {
            if (have >= CSV_RECORD_MAX) {
                (void)err_set(err, ERR_TOO_LARGE, "line %lld: a record of more than %d MiB", (long long)csv->line,
                              CSV_RECORD_MAX >> 20);
                return err_hint(err, "is a quote not closed?");
            }
            /* Twice as much before the next try, so that the tries together cost no more than one. */
            if ((rc = fill(csv, 2 * have, err)) != 0)
                return rc;
            continue;
        }
        if (raw_end > p && raw_end[-1] == '\r')
            raw_end--;
        int64_t line = csv->line;
        csv->line += csv->quote.len ? count_lines(p, next) : 1;
        csv->start = (size_t)(next - csv->text.data);
        if (raw_end == p && !csv->one_column)
            continue;
        place_unquoted(csv);
        *record = (struct csv_record){csv->values, csv->count, line, {p, (size_t)(raw_end - p)}, NULL};
        if (found == UNCLOSED)
            record->bad = "a quote is not closed";
        else if (found == BEHIND_QUOTE)
            record->bad = "text behind a closing quote";
        return 1;
    }
}
