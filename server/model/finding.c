#include "model/finding.h"

#include "model/origin.h"

#include <stdlib.h>

enum { DEFAULT_MAX = 1000 };

static const char *const severity_names[] = {"error", "warning"};

struct finding *findings_vadd(struct findings *findings, enum severity severity, const char *code, struct place place,
                              const char *fmt, va_list args)
{
    size_t max = findings->max ? findings->max : DEFAULT_MAX;
    if (severity == SEVERITY_ERROR)
        findings->errors++;
    else
        findings->warnings++;
    if (findings->list.len == max) {
        findings->list.items[max - 1] = (struct finding){
            .severity = SEVERITY_ERROR,
            .code = "too-many-findings",
            .text = arena_printf(findings->arena, "there are more than %zu findings: the rest are only counted", max),
            .hint = "mend these and look again"};
        return NULL;
    }
    struct finding *finding = vec_push(findings->arena, &findings->list);
    *finding = (struct finding){
        .severity = severity, .code = code, .place = place, .text = arena_vprintf(findings->arena, fmt, args)};
    return finding;
}

struct finding *findings_add(struct findings *findings, enum severity severity, const char *code, struct place place,
                             const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    struct finding *finding = findings_vadd(findings, severity, code, place, fmt, args);
    va_end(args);
    return finding;
}

void findings_add_all(struct findings *findings, const struct findings *others)
{
    size_t errors = findings->errors + others->errors, warnings = findings->warnings + others->warnings;
    vec_each(other, &others->list)
    {
        struct finding *finding = findings_add(findings, other->severity, other->code, other->place, "%s", other->text);
        if (other->hint)
            finding_hint(findings, finding, "%s", other->hint);
    }
    findings->errors = errors;
    findings->warnings = warnings;
}

void finding_hint(struct findings *findings, struct finding *finding, const char *fmt, ...)
{
    if (!finding)
        return;
    va_list args;
    va_start(args, fmt);
    finding->hint = arena_vprintf(findings->arena, fmt, args);
    va_end(args);
}

static int compare_numbers(unsigned a, unsigned b)
{
    return (a > b) - (a < b);
}

static int compare(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    if (!x->place.path || !y->place.path) {
        if (x->place.path || y->place.path)
            return x->place.path ? -1 : 1; /* what has no place comes last */
    } else {
        int paths = strcmp(x->place.path, y->place.path);
        if (paths)
            return paths;
    }
    int order = compare_numbers(x->place.line, y->place.line);
    if (!order)
        order = compare_numbers(x->place.column, y->place.column);
    if (!order)
        order = strcmp(x->code, y->code);
    return order ? order : strcmp(x->text, y->text);
}

void findings_sort(struct findings *findings)
{
    if (findings->list.len > 1)
        qsort(findings->list.items, findings->list.len, sizeof *findings->list.items, compare);
}

json_t *findings_json(const struct findings *findings)
{
    json_t *list = json_array();
    vec_each(finding, &findings->list)
    {
        json_t *item = json_object();
        json_object_set_new(item, "severity", json_string(severity_names[finding->severity]));
        json_object_set_new(item, "code", json_string(finding->code));
        origin_set(item, finding->place.path);
        json_object_set_new(item, "line", json_integer(finding->place.line));
        json_object_set_new(item, "column", json_integer(finding->place.column));
        json_object_set_new(item, "text", json_text_or_null(finding->text));
        json_object_set_new(item, "hint", json_text_or_null(finding->hint));
        json_array_append_new(list, item);
    }
    return list;
}

void findings_print(const struct findings *findings, struct buf *out)
{
    vec_each(finding, &findings->list)
    {
        if (finding->place.path)
            buf_addf(out, "%s:%u:%u: ", finding->place.path, finding->place.line, finding->place.column);
        buf_addf(out, "%s: %s [%s]\n", severity_names[finding->severity], finding->text, finding->code);
        if (finding->hint)
            buf_addf(out, "  hint: %s\n", finding->hint);
    }
}
