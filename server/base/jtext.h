#ifndef YELLOW_BASE_JTEXT_H
#define YELLOW_BASE_JTEXT_H

#include "base/buf.h"

/* JSON text (RFC 8259) read in place: a value is a piece of the text, so that numbers keep every digit and nothing is
 * copied or built. Depth is bounded. Text may end in the middle: JTEXT_MORE asks for the same again with more. */
enum jtext_result { JTEXT_OK, JTEXT_MORE, JTEXT_BAD };
enum jtext_kind { JTEXT_NULL, JTEXT_TRUE, JTEXT_FALSE, JTEXT_NUMBER, JTEXT_STRING, JTEXT_ARRAY, JTEXT_OBJECT };
enum { JTEXT_DEPTH_MAX = 64 };

struct jtext {
    const char *at, *end;
    bool whole;      /* the text ends at end: what is not complete there is bad */
    const char *bad; /* why JTEXT_BAD; at is where */
};

struct jtext_value {
    enum jtext_kind kind;
    bool escaped;   /* of a string: it holds a backslash */
    struct str raw; /* of a string without its quotes; of an array or object with its brackets */
};

static inline void jtext_space(struct jtext *t)
{
    while (t->at < t->end && (*t->at == ' ' || *t->at == '\n' || *t->at == '\r' || *t->at == '\t'))
        t->at++;
}

/* The next value with all that is in it, checked; white space before it is skipped. */
enum jtext_result jtext_value(struct jtext *t, struct jtext_value *out);
/* The same for a string alone: a member's name. */
enum jtext_result jtext_string(struct jtext *t, struct jtext_value *out);
/* The next byte that is no white space, without taking it. */
enum jtext_result jtext_peek(struct jtext *t, char *out);
/* Says that the text is bad here, or that more is needed when it only ended. */
enum jtext_result jtext_unexpected(struct jtext *t, const char *why);

/* The string decoded, appended to out; without an escape it is raw. False: \u0000 or half of a surrogate pair, which no
 * text can hold. */
bool jtext_decode(const struct jtext_value *string, struct buf *out);

#endif
