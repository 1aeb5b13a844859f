#include "model/checks.h"
#include "model/plan.h"
#include "stack/plan_document.h"

static const char *const outcomes[][2] = {{"passes", "This passes: nothing is wrong with it and nobody is broken."},
                                          {"breaking", "This breaks readers: it needs an approval of this plan."},
                                          {"refused", "This is refused: the model is wrong. Nothing is planned."},
                                          {"trespass", "This is refused: it changes what belongs to others. Nothing "
                                                       "is planned."}};

/* Each a bare line, a list's name above the first one of all its parts. */
static void print_relations(const json_t *half, const char *title, struct buf *out)
{
    static const struct {
        const char *list;
        char sign;
    } parts[] = {{"added", '+'}, {"changed", '~'}, {"retired", '-'}};
    bool titled = false;
    size_t r;
    json_t *item;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        json_array_foreach(json_object_get(half, parts[i].list), r, item)
        {
            const char *workspace = json_text(item, "workspace"), *group = json_text(item, "group");
            if (!titled)
                buf_addf(out, "\n%s:\n", title);
            titled = true;
            buf_addf(out, "%c %s: ", parts[i].sign, json_text(item, "platform"));
            if (workspace)
                buf_addf(out, "%s/%s reads ", workspace, group);
            buf_addf(out, "%s.%s%s\n", json_text(item, "store"), json_text(item, "dataset"),
                     json_is_true(json_object_get(item, "breaking")) ? "  ! breaking" : "");
        }
}

static void print_value(const json_t *value, struct buf *out)
{
    if (!value || json_is_null(value))
        buf_adds(out, "nothing");
    else
        json_write(out, value);
}

static void print_changes(const json_t *list, struct buf *out)
{
    size_t i;
    json_t *change;
    json_array_foreach((json_t *)list, i, change)
    {
        const char *object = json_text(change, "object");
        buf_addf(out, "    %s%s%s: ", object ? object : "", object ? " " : "", json_text(change, "pointer"));
        print_value(json_object_get(change, "from"), out);
        buf_adds(out, " -> ");
        print_value(json_object_get(change, "to"), out);
        buf_addc(out, '\n');
    }
}

static void print_stack(const json_t *stack, struct buf *out)
{
    static const struct {
        const char *list;
        char sign;
    } parts[] = {{"added", '+'}, {"changed", '~'}, {"removed", '-'}};
    size_t a;
    json_t *artifact;
    buf_addf(out, "\nstack of %s:\n", json_text(stack, "psp"));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        json_array_foreach(json_object_get(stack, parts[i].list), a, artifact)
        {
            buf_addf(out, "%c %s\n", parts[i].sign, json_text(artifact, "name"));
            print_changes(json_object_get(artifact, "paths"), out);
        }
}

/* What breaks stands under "breaking" already. */
static bool is_told(const json_t *document, const json_t *finding)
{
    return json_object_get(document, "breaking") && str_starts(str_from(json_text(finding, "code")), STR("breaking-"));
}

static void print_findings(const json_t *document, struct buf *out)
{
    size_t i;
    json_t *finding;
    bool titled = false;
    json_array_foreach(json_object_get(document, "findings"), i, finding)
    {
        if (is_told(document, finding))
            continue;
        if (!titled)
            buf_adds(out, "\nfindings:\n");
        titled = true;
        const char *path = json_text(finding, "path"), *hint = json_text(finding, "hint"),
                   *repository = json_text(finding, "repository");
        if (path && repository) /* as texts write it (model/origin.h) */
            buf_addf(out, "//%s/", repository);
        if (path)
            buf_addf(out, "%s:%lld:%lld: ", path, (long long)json_integer_value(json_object_get(finding, "line")),
                     (long long)json_integer_value(json_object_get(finding, "column")));
        buf_addf(out, "%s: %s [%s]\n", json_text(finding, "severity"), json_text(finding, "text"),
                 json_text(finding, "code"));
        if (hint)
            buf_addf(out, "  hint: %s\n", hint);
    }
}

/* Whether nothing is wrong with the model, but with who changes it. */
static bool is_trespass(const json_t *document)
{
    size_t i, errors = 0;
    json_t *finding;
    json_array_foreach(json_object_get(document, "findings"), i, finding)
    {
        const struct check *check = check_by_code(json_text(finding, "code")), *owner = &checks[CHECK_NOT_OWNER];
        if (strcmp(json_text(finding, "severity"), "error") != 0)
            continue;
        if (!check || strcmp(check->area, owner->area) != 0)
            return false;
        errors++;
    }
    return errors > 0;
}

void plan_document_print(const json_t *document, struct buf *out)
{
    const char *outcome = json_text(document, "outcome");
    if (strcmp(outcome, "refused") == 0 && is_trespass(document))
        outcome = "trespass";
    size_t i;
    json_t *stack;
    for (i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        if (strcmp(outcomes[i][0], outcome) == 0)
            buf_addf(out, "%s\n", outcomes[i][1]);
    if (json_text(document, "id"))
        buf_addf(out, "plan %s on version %lld\n", json_text(document, "id"),
                 (long long)json_integer_value(json_object_get(document, "base")));
    if (json_object_get(document, "objects"))
        plan_print(document, out);
    print_relations(json_object_get(document, "tables"), "tables", out);
    print_relations(json_object_get(document, "views"), "views", out);
    json_array_foreach(json_object_get(document, "stacks"), i, stack) print_stack(stack, out);
    print_findings(document, out);
}
