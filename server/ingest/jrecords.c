#include "ingest/jrecords.h"

#include <stdio.h>
#include <stdlib.h>

enum { RECORDS, CURSOR, POINTERS };
enum { TOKENS_MAX = 32, TOKENS_BYTES = 1024 };

/* What is expected next. Each step takes its piece of text as a whole, or nothing. */
enum state {
    VALUE,        /* a value whose path is known */
    FIRST_MEMBER, /* of an object or list that leads to something: its end, too */
    NEXT_MEMBER,
    AFTER_VALUE,
    FIRST_RECORD, /* the end of the list, too */
    NEXT_RECORD,
    AFTER_RECORD,
    TRAILER,
};

struct pointer {
    struct str tokens[TOKENS_MAX];
    size_t count;
    bool found;
    char bytes[TOKENS_BYTES];
};

struct frame {
    bool object;
    size_t index;   /* of the element, in a list */
    unsigned alive; /* pointers that lead through here, as bits */
};

struct jrecords {
    struct jrecords_options options;
    struct pointer pointers[POINTERS];
    struct buf text;
    size_t start;
    uint64_t given_up; /* bytes before text */
    bool begun, ended, escaped_name;
    enum state state;
    struct frame frames[TOKENS_MAX];
    size_t depth;
    unsigned alive; /* of the value that comes */
    struct buf cursor, name;
};

static int parse_pointer(const char *text, struct pointer *pointer, struct err *err)
{
    struct str rest = str_from(text ? text : "");
    char *to = pointer->bytes;
    if (rest.len && rest.data[0] != '/')
        return err_set(err, ERR_INVALID, "\"%s\" is no JSON pointer", text);
    if (rest.len >= TOKENS_BYTES)
        return err_set(err, ERR_INVALID, "JSON pointer \"%.40s...\" is too long", text);
    if (rest.len)
        rest = (struct str){rest.data + 1, rest.len - 1};
    else
        return 0;
    while (rest.data) {
        struct str token = str_cut(&rest, '/');
        if (pointer->count == TOKENS_MAX)
            return err_set(err, ERR_INVALID, "JSON pointer \"%s\" is too deep", text);
        char *from = to;
        for (size_t i = 0; i < token.len; i++) {
            bool escape = token.data[i] == '~' && i + 1 < token.len;
            if (escape)
                i++;
            *to++ = escape ? (token.data[i] == '1' ? '/' : '~') : token.data[i];
        }
        pointer->tokens[pointer->count++] = (struct str){from, (size_t)(to - from)};
    }
    return 0;
}

int jrecords_open(const struct jrecords_options *options, struct jrecords **out, struct err *err)
{
    struct jrecords *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->options = *options;
    int rc = parse_pointer(options->records, &r->pointers[RECORDS], err);
    if (rc == 0 && options->cursor)
        rc = parse_pointer(options->cursor, &r->pointers[CURSOR], err);
    if (rc) {
        free(r);
        return rc;
    }
    r->alive = 1U << RECORDS | (options->cursor ? 1U << CURSOR : 0);
    *out = r;
    return 0;
}

void jrecords_close(struct jrecords *r)
{
    buf_dispose(&r->text);
    buf_dispose(&r->cursor);
    buf_dispose(&r->name);
    free(r);
}

const char *jrecords_cursor(const struct jrecords *r)
{
    return r->cursor.len ? buf_text(&r->cursor) : NULL;
}

static int fill(struct jrecords *r, size_t wanted, struct err *err)
{
    if (r->start) {
        r->given_up += r->start;
        memmove(r->text.data, r->text.data + r->start, r->text.len - r->start);
        buf_cut(&r->text, r->text.len - r->start);
        r->start = 0;
    }
    while (!r->ended && r->text.len < wanted) {
        struct str piece;
        int rc = r->options.read(r->options.ctx, &piece, err);
        if (rc < 0)
            return rc;
        r->ended = rc == 0;
        if (rc)
            buf_add_str(&r->text, piece);
    }
    return 0;
}

/* The pointers that go on through this member or element. */
static unsigned follow(const struct jrecords *r, struct str token)
{
    const struct frame *frame = &r->frames[r->depth - 1];
    unsigned alive = 0;
    for (unsigned p = 0; p < POINTERS; p++)
        if (frame->alive >> p & 1 && r->pointers[p].count >= r->depth &&
            str_eq(r->pointers[p].tokens[r->depth - 1], token))
            alive |= 1U << p;
    return alive;
}

static bool ends_here(const struct jrecords *r, unsigned p)
{
    return r->alive >> p & 1 && r->pointers[p].count == r->depth;
}

static enum jtext_result bad(struct jtext *t, const char *why)
{
    t->bad = why;
    return JTEXT_BAD;
}

static enum jtext_result take_cursor(struct jrecords *r, struct jtext *t)
{
    struct jtext_value value;
    enum jtext_result rc = jtext_value(t, &value);
    if (rc != JTEXT_OK)
        return rc;
    if (r->pointers[CURSOR].found)
        return bad(t, "the cursor is there twice");
    r->pointers[CURSOR].found = true;
    r->state = AFTER_VALUE;
    if (value.kind == JTEXT_NULL || value.kind == JTEXT_FALSE)
        return JTEXT_OK;
    if (value.kind == JTEXT_NUMBER)
        buf_add_str(&r->cursor, value.raw);
    else if (value.kind != JTEXT_STRING || !jtext_decode(&value, &r->cursor))
        return bad(t, "the cursor is no text");
    return JTEXT_OK;
}

static enum jtext_result take_value(struct jrecords *r, struct jtext *t)
{
    struct jtext_value value;
    char c;
    enum jtext_result rc = jtext_peek(t, &c);
    if (rc != JTEXT_OK)
        return rc;
    if (ends_here(r, RECORDS)) {
        if (c != '[')
            return bad(t, "no list where the records should be");
        if (r->pointers[RECORDS].found)
            return bad(t, "the records are there twice");
        r->pointers[RECORDS].found = true;
        t->at++;
        r->state = FIRST_RECORD;
        return JTEXT_OK;
    }
    if (ends_here(r, CURSOR))
        return take_cursor(r, t);
    if (r->alive && (c == '{' || c == '[')) {
        r->frames[r->depth++] = (struct frame){.object = c == '{', .alive = r->alive};
        t->at++;
        r->state = FIRST_MEMBER;
        return JTEXT_OK;
    }
    rc = jtext_value(t, &value);
    if (rc == JTEXT_OK)
        r->state = AFTER_VALUE;
    return rc;
}

static enum jtext_result take_member(struct jrecords *r, struct jtext *t)
{
    struct frame *frame = &r->frames[r->depth - 1];
    struct jtext_value name;
    char c, number[24];
    enum jtext_result rc = jtext_peek(t, &c);
    if (rc != JTEXT_OK)
        return rc;
    if (r->state == FIRST_MEMBER && c == (frame->object ? '}' : ']')) {
        t->at++;
        r->depth--;
        r->state = AFTER_VALUE;
        return JTEXT_OK;
    }
    if (!frame->object) {
        (void)snprintf(number, sizeof number, "%zu", frame->index++);
        r->alive = follow(r, str_from(number));
        r->state = VALUE;
        return JTEXT_OK;
    }
    if ((rc = jtext_string(t, &name)) != JTEXT_OK || (rc = jtext_peek(t, &c)) != JTEXT_OK)
        return rc;
    if (c != ':')
        return jtext_unexpected(t, "a colon is expected");
    t->at++;
    buf_cut(&r->name, 0);
    r->alive = jtext_decode(&name, &r->name) ? follow(r, buf_str(&r->name)) : 0;
    r->state = VALUE;
    return JTEXT_OK;
}

/* A comma or the end, of an object or list (frame) or of the records. */
static enum jtext_result take_separator(struct jrecords *r, struct jtext *t)
{
    bool records = r->state == AFTER_RECORD;
    char c, close = records || !r->frames[r->depth - 1].object ? ']' : '}';
    enum jtext_result rc = jtext_peek(t, &c);
    if (rc != JTEXT_OK)
        return rc;
    if (c != ',' && c != close)
        return bad(t, close == ']' ? "a comma or ] is expected" : "a comma or } is expected");
    t->at++;
    if (c == ',') {
        r->state = records ? NEXT_RECORD : NEXT_MEMBER;
    } else {
        r->depth -= !records;
        r->state = AFTER_VALUE;
    }
    return JTEXT_OK;
}

/* *got: a record was read. */
static enum jtext_result step(struct jrecords *r, struct jtext *t, bool *got)
{
    char c;
    enum jtext_result rc;
    switch (r->state) {
    case VALUE:
        return take_value(r, t);
    case FIRST_MEMBER:
    case NEXT_MEMBER:
        return take_member(r, t);
    case AFTER_VALUE:
        if (r->depth)
            return take_separator(r, t);
        r->state = TRAILER;
        return JTEXT_OK;
    case AFTER_RECORD:
        return take_separator(r, t);
    case FIRST_RECORD:
        if ((rc = jtext_peek(t, &c)) != JTEXT_OK)
            return rc;
        if (c == ']') {
            t->at++;
            r->state = AFTER_VALUE;
            return JTEXT_OK;
        }
        r->state = NEXT_RECORD;
        return JTEXT_OK;
    case NEXT_RECORD:
        if ((rc = r->options.record(r->options.ctx, t)) == JTEXT_OK) {
            r->state = AFTER_RECORD;
            *got = true;
        }
        return rc;
    case TRAILER:
        jtext_space(t);
        return t->at < t->end ? bad(t, "text behind the value") : t->whole ? JTEXT_OK : JTEXT_MORE;
    }
    return JTEXT_BAD;
}

static int fail(const struct jrecords *r, const struct jtext *t, struct err *err)
{
    return err_set(err, ERR_SYNTAX, "byte %llu: %s",
                   (unsigned long long)(r->given_up + (uint64_t)(t->at - r->text.data)), t->bad);
}

int jrecords_next(struct jrecords *r, struct err *err)
{
    if (!r->begun) {
        int rc = fill(r, 3, err);
        if (rc)
            return rc;
        if (r->text.len >= 3 && memcmp(r->text.data, "\xef\xbb\xbf", 3) == 0)
            r->start = 3;
        r->begun = true;
    }
    for (;;) {
        const char *base = buf_text(&r->text);
        struct jtext t = {.at = base + r->start, .end = base + r->text.len, .whole = r->ended};
        bool got = false;
        jtext_space(&t);
        r->start = (size_t)(t.at - base);
        enum jtext_result result = step(r, &t, &got);
        if (result == JTEXT_BAD)
            return fail(r, &t, err);
        if (result == JTEXT_OK) {
            r->start = (size_t)(t.at - base);
            if (got)
                return 1;
            if (r->state != TRAILER || !r->ended || t.at < t.end)
                continue;
            if (!r->pointers[RECORDS].found)
                return err_set(err, ERR_SYNTAX, "there are no records at \"%s\"", r->options.records);
            return 0;
        }
        size_t have = r->text.len - r->start;
        if (have >= JRECORDS_VALUE_MAX)
            return err_set(err, ERR_TOO_LARGE, "byte %llu: a value of more than %d MiB",
                           (unsigned long long)(r->given_up + r->start), JRECORDS_VALUE_MAX >> 20);
        /* Twice as much before the next try, so that the tries together cost no more than one. */
        int rc = fill(r, have ? 2 * have : 1, err);
        if (rc)
            return rc;
    }
}
