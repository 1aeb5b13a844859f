#include "model/plan.h"

#include "model/body.h"
#include "model/diff.h"

static json_t *object_item(const struct object *object)
{
    json_t *item = json_object();
    json_object_set_new(item, "kind", json_string(object_kind_names[object->kind]));
    json_object_set_new(item, "name", json_string(object->name));
    json_object_set_new(item, "path", object->place.path ? json_string(object->place.path) : json_null());
    json_object_set_new(item, "line", json_integer(object->place.line));
    return item;
}

static json_t *job_item(const struct job *job)
{
    json_t *item = json_object();
    json_object_set_new(item, "kind", json_string(job_kind_names[job->kind]));
    json_object_set_new(item, "platform", json_string(job->platform));
    json_object_set_new(item, "name", json_string(job->name));
    return item;
}

/* One half of a plan: what came, what went, what is different. */
struct half {
    json_t *added, *gone, *changed;
};

static void add_changed(struct half *half, json_t *item, json_t *changes)
{
    json_object_set_new(item, "changes", changes);
    json_array_append_new(half->changed, item);
}

static int compare_objects(const struct object *a, const struct object *b)
{
    return a->kind != b->kind ? (a->kind > b->kind) - (a->kind < b->kind) : strcmp(a->name, b->name);
}

static void plan_objects(struct half *half, const struct model *from, const struct model *to)
{
    size_t i = 0, j = 0, from_count = from ? from->count : 0;
    while (i < from_count || j < to->count) {
        const struct object *a = i < from_count ? &from->objects[i] : NULL, *b = j < to->count ? &to->objects[j] : NULL;
        int order = !a ? 1 : !b ? -1 : compare_objects(a, b);
        if (order < 0)
            json_array_append_new(half->gone, object_item(a));
        else if (order > 0)
            json_array_append_new(half->added, object_item(b));
        else if (memcmp(a->hash, b->hash, sizeof a->hash) != 0)
            add_changed(half, object_item(b), diff_objects(a, b));
        i += order <= 0;
        j += order >= 0;
    }
}

static int compare_jobs(const struct job *a, const struct job *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int platforms = strcmp(a->platform, b->platform);
    return platforms ? platforms : strcmp(a->name, b->name);
}

/* Whether two jobs have the same text: nearly all do, and a difference is dear to make. */
static bool same_jobs(const struct job *a, const struct job *b, struct buf *first, struct buf *second)
{
    buf_cut(first, 0);
    buf_cut(second, 0);
    body_write_struct(first, &job_table, a);
    body_write_struct(second, &job_table, b);
    return str_eq(buf_str(first), buf_str(second));
}

static void plan_jobs(struct half *half, const struct jobs *from, const struct jobs *to)
{
    size_t i = 0, j = 0, from_count = from ? from->count : 0, to_count = to ? to->count : 0;
    struct buf first = {0}, second = {0};
    while (i < from_count || j < to_count) {
        const struct job *a = i < from_count ? &from->items[i] : NULL, *b = j < to_count ? &to->items[j] : NULL;
        int order = !a ? 1 : !b ? -1 : compare_jobs(a, b);
        if (order < 0) {
            json_array_append_new(half->gone, job_item(a));
        } else if (order > 0) {
            json_array_append_new(half->added, job_item(b));
        } else if (!same_jobs(a, b, &first, &second)) {
            add_changed(half, job_item(b), diff_structs(&job_table, a, b));
        }
        i += order <= 0;
        j += order >= 0;
    }
    buf_dispose(&first);
    buf_dispose(&second);
}

static json_t *close_half(const struct half *half, const char *gone, json_t *summary, const char *of)
{
    const struct {
        const char *name;
        json_t *list;
    } parts[] = {{"added", half->added}, {gone, half->gone}, {"changed", half->changed}};
    json_t *json = json_object();
    for (size_t i = 0; i < 3; i++) {
        char key[64];
        (void)snprintf(key, sizeof key, "%s_%s", of, parts[i].name);
        json_object_set_new(summary, key, json_integer((json_int_t)json_array_size(parts[i].list)));
        json_object_set_new(json, parts[i].name, parts[i].list);
    }
    return json;
}

json_t *plan_make(const struct model *from, const struct jobs *from_jobs, const struct model *to,
                  const struct jobs *to_jobs)
{
    struct half objects = {json_array(), json_array(), json_array()}, jobs = {json_array(), json_array(), json_array()};
    plan_objects(&objects, from, to);
    plan_jobs(&jobs, from_jobs, to_jobs);
    json_t *plan = json_object(), *summary = json_object();
    json_object_set_new(plan, "objects", close_half(&objects, "removed", summary, "objects"));
    json_object_set_new(plan, "jobs", close_half(&jobs, "retired", summary, "jobs"));
    json_object_set_new(plan, "summary", summary);
    return plan;
}

static void print_value(const json_t *value, struct buf *out)
{
    if (!value || json_is_null(value))
        buf_adds(out, "nothing");
    else
        json_write(out, value);
}

static void print_items(const json_t *list, char sign, struct buf *out)
{
    size_t i, c;
    json_t *item, *change;
    json_array_foreach((json_t *)list, i, item)
    {
        const char *platform = json_text(item, "platform");
        buf_addf(out, "%c %s %s%s%s", sign, json_text(item, "kind"), platform ? platform : "", platform ? "/" : "",
                 json_text(item, "name"));
        if (json_text(item, "path"))
            buf_addf(out, "  (%s:%lld)", json_text(item, "path"),
                     (long long)json_integer_value(json_object_get(item, "line")));
        buf_addc(out, '\n');
        json_array_foreach(json_object_get(item, "changes"), c, change)
        {
            buf_addf(out, "    %s: ", json_text(change, "pointer"));
            print_value(json_object_get(change, "from"), out);
            buf_adds(out, " -> ");
            print_value(json_object_get(change, "to"), out);
            buf_addc(out, '\n');
        }
    }
}

void plan_print(const json_t *plan, struct buf *out)
{
    static const struct {
        const char *half, *list, *said;
        char sign;
    } parts[] = {{"objects", "added", "added", '+'},     {"objects", "changed", "changed", '~'},
                 {"objects", "removed", "removed", '-'}, {"jobs", "added", "added", '+'},
                 {"jobs", "changed", "changed", '~'},    {"jobs", "retired", "retired", '-'}};
    struct buf summary = {0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const json_t *list = json_object_get(json_object_get(plan, parts[i].half), parts[i].list);
        print_items(list, parts[i].sign, out);
        if (json_array_size(list))
            buf_addf(&summary, "%s%s %s %zu", summary.len ? ", " : "", parts[i].half, parts[i].said,
                     json_array_size(list));
    }
    buf_addf(out, "%s\n", summary.len ? buf_text(&summary) : "nothing changes");
    buf_dispose(&summary);
}
