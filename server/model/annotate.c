#include "model/annotate.h"

#include "base/crypto.h"
#include "model/checks.h"

#include <stdlib.h>

static const char SARIF_SCHEMA[] = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                                   "sarif-schema-2.1.0.json";

static const char *level_of(enum severity severity)
{
    return severity == SEVERITY_ERROR ? "error" : "warning";
}

static const char *path_of(struct arena *arena, const struct finding *finding, const char *folder)
{
    return folder[0] ? arena_printf(arena, "%s/%s", folder, finding->place.path) : finding->place.path;
}

/* A path as a relative reference of RFC 3986: what is neither unreserved nor "/" is percent-encoded. */
static const char *uri_of(struct arena *arena, const char *path)
{
    struct buf *out = buf_new(arena);
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~/", c);
        if (plain)
            buf_addc(out, (char)c);
        else
            buf_addf(out, "%%%02X", c);
    }
    return buf_text(out);
}

static json_t *text_object(const char *text)
{
    json_t *object = json_object();
    json_object_set_new(object, "text", json_text_or_null(text));
    return object;
}

static json_t *rule_of(const char *code, const struct finding *finding)
{
    const struct check *check = check_by_code(code);
    json_t *rule = json_object(), *configuration = json_object();
    json_object_set_new(rule, "id", json_string(code));
    if (check) {
        json_object_set_new(rule, "shortDescription", text_object(check->doc));
        json_object_set_new(rule, "help", text_object(check->help));
    }
    json_object_set_new(configuration, "level", json_string(level_of(finding->severity)));
    json_object_set_new(rule, "defaultConfiguration", configuration);
    return rule;
}

static json_t *location_of(struct arena *arena, const struct finding *finding, const char *folder)
{
    const struct place *place = &finding->place;
    json_t *region = json_object();
    if (place->line)
        json_object_set_new(region, "startLine", json_integer(place->line));
    if (place->line && place->column)
        json_object_set_new(region, "startColumn", json_integer(place->column));
    json_t *physical =
        json_pack("{s:{s:s}}", "artifactLocation", "uri", uri_of(arena, path_of(arena, finding, folder)));
    if (place->line)
        json_object_set_new(physical, "region", region);
    else
        json_decref(region);
    return json_pack("[{s:o}]", "physicalLocation", physical);
}

/* Tells a finding from another one wherever its line moves to. */
static json_t *fingerprint(struct arena *arena, const struct finding *finding)
{
    char hash[SHA256_HEX_SIZE];
    const char *text =
        arena_printf(arena, "%s\n%s\n%s", finding->code, finding->place.path ? finding->place.path : "", finding->text);
    crypto_sha256_hex(str_from(text), hash);
    return json_pack("{s:s}", "yellow/v1", hash);
}

static json_t *result_of(struct arena *arena, const struct finding *finding, size_t rule, const char *folder)
{
    const char *text =
        finding->hint ? arena_printf(arena, "%s\nhint: %s", finding->text, finding->hint) : finding->text;
    json_t *result = json_object();
    json_object_set_new(result, "ruleId", json_string(finding->code));
    json_object_set_new(result, "ruleIndex", json_integer((json_int_t)rule));
    json_object_set_new(result, "level", json_string(level_of(finding->severity)));
    json_object_set_new(result, "message", text_object(text));
    if (finding->place.path)
        json_object_set_new(result, "locations", location_of(arena, finding, folder));
    json_object_set_new(result, "partialFingerprints", fingerprint(arena, finding));
    return result;
}

static int compare_codes(const void *a, const void *b)
{
    const struct finding *x = *(const struct finding *const *)a, *y = *(const struct finding *const *)b;
    return strcmp(x->code, y->code);
}

/* One finding of each code, in order of codes. */
static size_t distinct(struct arena *arena, const struct findings *findings, const struct finding ***out)
{
    const struct finding **all = arena_calloc(arena, findings->list.len, sizeof *all);
    size_t count = 0;
    for (size_t i = 0; i < findings->list.len; i++)
        all[i] = &findings->list.items[i];
    if (findings->list.len > 1)
        qsort(all, findings->list.len, sizeof *all, compare_codes);
    for (size_t i = 0; i < findings->list.len; i++)
        if (!count || strcmp(all[count - 1]->code, all[i]->code) != 0)
            all[count++] = all[i];
    *out = all;
    return count;
}

json_t *findings_sarif(const struct findings *findings, const char *folder)
{
    struct arena *arena = arena_new();
    const struct finding **codes;
    size_t count = distinct(arena, findings, &codes);
    json_t *rules = json_array(), *results = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(rules, rule_of(codes[i]->code, codes[i]));
    vec_each(finding, &findings->list)
    {
        size_t rule = 0;
        while (strcmp(codes[rule]->code, finding->code) != 0)
            rule++;
        json_array_append_new(results, result_of(arena, finding, rule, folder));
    }
    arena_free(arena);
    json_t *driver = json_pack("{s:s, s:s, s:o}", "name", "yellow", "version", YELLOW_VERSION, "rules", rules);
    json_t *run = json_pack("{s:{s:o}, s:s, s:o}", "tool", "driver", driver, "columnKind", "unicodeCodePoints",
                            "results", results);
    return json_pack("{s:s, s:s, s:[o]}", "$schema", SARIF_SCHEMA, "version", "2.1.0", "runs", run);
}

/* What a workflow command may hold: in a property, the signs that end one as well. */
static void add_escaped(struct buf *out, const char *text, bool property)
{
    for (; *text; text++) {
        if (*text == '%' || *text == '\r' || *text == '\n' || (property && (*text == ':' || *text == ',')))
            buf_addf(out, "%%%02X", (unsigned char)*text);
        else
            buf_addc(out, *text);
    }
}

void findings_github(const struct findings *findings, const char *folder, struct buf *out)
{
    struct arena *arena = arena_new();
    vec_each(finding, &findings->list)
    {
        buf_addf(out, "::%s ", level_of(finding->severity));
        if (finding->place.path) {
            buf_adds(out, "file=");
            add_escaped(out, path_of(arena, finding, folder), true);
            buf_addc(out, ',');
        }
        if (finding->place.path && finding->place.line)
            buf_addf(out, "line=%u,col=%u,", finding->place.line, finding->place.column);
        buf_adds(out, "title=");
        add_escaped(out, finding->code, true);
        buf_adds(out, "::");
        add_escaped(out, finding->text, false);
        if (finding->hint) {
            buf_adds(out, "%0Ahint: ");
            add_escaped(out, finding->hint, false);
        }
        buf_addc(out, '\n');
    }
    arena_free(arena);
}
