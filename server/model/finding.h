#ifndef YELLOW_MODEL_FINDING_H
#define YELLOW_MODEL_FINDING_H

#include "base/arena.h"
#include "base/json.h"
#include "base/vec.h"

/* What is wrong, or doubtful, in a model: with its place, a stable code and what to do. */
enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct place {
    const char *path;      /* of the file (model/origin.h); NULL when the model did not come from files */
    unsigned line, column; /* from 1 */
};

struct finding {
    enum severity severity;
    const char *code; /* "unknown-key", "dangling-reference", ... */
    struct place place;
    const char *text; /* lower case, names the object */
    const char *hint; /* NULL when there is nothing to add */
};

struct findings {
    struct arena *arena;
    vec(struct finding) list;
    size_t errors, warnings;
    size_t max; /* kept at most; 0: 1,000. The counts go on, and the last one kept says so */
};

/* The new finding, valid until the next one comes; NULL when it was only counted. */
struct finding *findings_add(struct findings *findings, enum severity severity, const char *code, struct place place,
                             const char *fmt, ...) __attribute__((format(printf, 5, 6)));
struct finding *findings_vadd(struct findings *findings, enum severity severity, const char *code, struct place place,
                              const char *fmt, va_list args) __attribute__((format(printf, 5, 0)));
/* Copies, also of what was only counted. */
void findings_add_all(struct findings *findings, const struct findings *others);
/* finding may be NULL. */
void finding_hint(struct findings *findings, struct finding *finding, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* By path, line, column, code: the order in which they are always shown. */
void findings_sort(struct findings *findings);
/* [{"severity","code","path","line","column","text","hint"}], and "repository" (model/origin.h); a new reference. */
json_t *findings_json(const struct findings *findings);
/* "path:line:column: error: text [code]\n  hint: ..." lines for a terminal. */
void findings_print(const struct findings *findings, struct buf *out);

#endif
