#include "model/plan.h"

#include "base/crypto.h"
#include "model/body.h"
#include "model/diff.h"
#include "model/origin.h"

#include <stdlib.h>

static json_t *object_item(const struct object *object)
{
    json_t *item = json_object();
    json_object_set_new(item, "kind", json_string(object_kind_names[object->kind]));
    json_object_set_new(item, "name", json_string(object->name));
    origin_set(item, object->place.path);
    json_object_set_new(item, "line", json_integer(object->place.line));
    json_object_set_new(item, "hash", json_string(object->hash));
    return item;
}

/* What a change does to readers; compat is NULL when it is nothing to them. */
static void set_effect(json_t *item, const struct compat_change *compat)
{
    json_object_set_new(item, "breaking", json_boolean(compat && compat->effect == EFFECT_BREAKING));
    json_object_set_new(item, "why", json_text_or_null(compat ? compat->why : NULL));
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

static void add_gone(struct half *half, const struct object *object, const struct compat_changes *compat)
{
    json_t *item = object_item(object);
    set_effect(item, object->kind == OBJECT_DATASTORE ? compat_find(compat, object->name, "") : NULL);
    json_array_append_new(half->gone, item);
}

static void add_different(struct half *half, const struct object *from, const struct object *to,
                          const struct compat_changes *compat)
{
    json_t *changes = diff_objects(from, to), *change;
    size_t i;
    json_array_foreach(changes, i, change)
    {
        bool store = to->kind == OBJECT_DATASTORE;
        set_effect(change, store ? compat_find(compat, to->name, json_text(change, "pointer")) : NULL);
    }
    add_changed(half, object_item(to), changes);
}

static void plan_objects(struct half *half, const struct model *from, const struct model *to,
                         const struct compat_changes *compat)
{
    size_t i = 0, j = 0, from_count = from ? from->count : 0;
    while (i < from_count || j < to->count) {
        const struct object *a = i < from_count ? &from->objects[i] : NULL, *b = j < to->count ? &to->objects[j] : NULL;
        int order = !a ? 1 : !b ? -1 : object_compare(a, b);
        if (order < 0)
            add_gone(half, a, compat);
        else if (order > 0)
            json_array_append_new(half->added, object_item(b));
        else if (memcmp(a->hash, b->hash, sizeof a->hash) != 0)
            add_different(half, a, b, compat);
        i += order <= 0;
        j += order >= 0;
    }
}

static json_t *file_item(const struct model_file *file)
{
    char hash[SHA256_HEX_SIZE];
    crypto_sha256_hex(file->data, hash);
    json_t *item = json_object();
    origin_set(item, file->path);
    json_object_set_new(item, "hash", json_string(hash));
    return item;
}

static int compare_files(const void *a, const void *b)
{
    return strcmp((*(const struct model_file *const *)a)->path, (*(const struct model_file *const *)b)->path);
}

/* Files by path; a model keeps them as they were read. */
static size_t sorted_files(struct arena *arena, const struct model *model, const struct model_file ***out)
{
    size_t count = 0;
    *out = arena_calloc(arena, model ? model->files.len : 0, sizeof **out);
    if (model)
        map_each(entry, &model->files)(*out)[count++] = entry->value;
    if (count > 1)
        qsort(*out, count, sizeof **out, compare_files);
    return count;
}

static void plan_files(struct half *half, const struct model *from, const struct model *to)
{
    struct arena *arena = arena_new();
    const struct model_file **a, **b;
    size_t i = 0, j = 0, from_count = sorted_files(arena, from, &a), to_count = sorted_files(arena, to, &b);
    while (i < from_count || j < to_count) {
        int order = i == from_count ? 1 : j == to_count ? -1 : strcmp(a[i]->path, b[j]->path);
        if (order < 0)
            json_array_append_new(half->gone, file_item(a[i]));
        else if (order > 0)
            json_array_append_new(half->added, file_item(b[j]));
        else if (!str_eq(a[i]->data, b[j]->data))
            json_array_append_new(half->changed, file_item(b[j]));
        i += order <= 0;
        j += order >= 0;
    }
    arena_free(arena);
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
    if (from && to && from->items == to->items && from_count == to_count)
        return; /* the very same */
    while (i < from_count || j < to_count) {
        const struct job *a = i < from_count ? &from->items[i] : NULL, *b = j < to_count ? &to->items[j] : NULL;
        int order = !a ? 1 : !b ? -1 : job_compare(a, b);
        if (order < 0) {
            json_array_append_new(half->gone, job_item(a));
        } else if (order > 0) {
            json_array_append_new(half->added, job_item(b));
        } else if (!diff_same_structs(&job_table, a, b) && !same_jobs(a, b, &first, &second)) {
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

/* All that breaks, also what no single leaf of the difference shows. */
static json_t *breaking_list(const struct compat_changes *compat)
{
    json_t *list = json_array();
    vec_each(change, compat)
    {
        if (change->effect != EFFECT_BREAKING)
            continue;
        json_t *users = json_array();
        for (size_t i = 0; i < change->users.len; i++)
            json_array_append_new(users, json_string(change->users.items[i]));
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "store", change->store, "dataset",
                                        change->dataset, "pointer", change->pointer, "code", checks[change->code].code,
                                        "text", change->text, "why", change->why, "users", users));
    }
    return list;
}

json_t *plan_make_judged(const struct model *from, const struct jobs *from_jobs, const struct model *to,
                         const struct jobs *to_jobs, const struct compat_changes *compat)
{
    struct half objects = {json_array(), json_array(), json_array()}, jobs = {json_array(), json_array(), json_array()},
                files = {json_array(), json_array(), json_array()};
    plan_objects(&objects, from, to, compat);
    plan_files(&files, from, to);
    plan_jobs(&jobs, from_jobs, to_jobs);
    json_t *plan = json_object(), *summary = json_object();
    json_object_set_new(plan, "objects", close_half(&objects, "removed", summary, "objects"));
    json_object_set_new(plan, "files", close_half(&files, "removed", summary, "files"));
    json_object_set_new(plan, "jobs", close_half(&jobs, "retired", summary, "jobs"));
    json_object_set_new(plan, "breaking", breaking_list(compat));
    json_object_set_new(summary, "breaking", json_integer((json_int_t)compat->breaking));
    json_object_set_new(plan, "summary", summary);
    return plan;
}

json_t *plan_make(const struct model *from, const struct jobs *from_jobs, const struct model *to,
                  const struct jobs *to_jobs)
{
    struct arena *arena = arena_new();
    struct compat_changes compat = compatibility_of(arena, from, to);
    json_t *plan = plan_make_judged(from, from_jobs, to, to_jobs, &compat);
    arena_free(arena);
    return plan;
}

const char *plan_identify(json_t *plan, int base)
{
    char id[SHA256_HEX_SIZE];
    struct buf text = {0};
    json_object_del(plan, "id");
    json_object_set_new(plan, "base", json_integer(base));
    json_write_canonical(&text, plan);
    crypto_sha256_hex(buf_str(&text), id);
    buf_dispose(&text);
    json_object_set_new(plan, "id", json_string(id));
    return json_text(plan, "id");
}

static void print_value(const json_t *value, struct buf *out)
{
    if (!value || json_is_null(value))
        buf_adds(out, "nothing");
    else
        json_write(out, value);
}

/* "  ! breaking: ..." below what breaks, "  ? ..." below what is worth a look. */
static void print_effect(const json_t *item, struct buf *out)
{
    const char *why = json_text(item, "why");
    if (why)
        buf_addf(out, "      %s%s\n", json_is_true(json_object_get(item, "breaking")) ? "! breaking: " : "? ", why);
}

static void print_changes(const json_t *item, struct buf *out)
{
    size_t c;
    json_t *change;
    json_array_foreach(json_object_get(item, "changes"), c, change)
    {
        buf_addf(out, "    %s: ", json_text(change, "pointer"));
        print_value(json_object_get(change, "from"), out);
        buf_adds(out, " -> ");
        print_value(json_object_get(change, "to"), out);
        buf_addc(out, '\n');
        print_effect(change, out);
    }
}

static void print_items(const json_t *list, char sign, struct buf *out)
{
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)list, i, item)
    {
        const char *platform = json_text(item, "platform"), *kind = json_text(item, "kind"),
                   *path = json_text(item, "path"), *repository = json_text(item, "repository");
        const char *root = repository ? "//" : "", *of = repository ? repository : "", *slash = repository ? "/" : "";
        if (!kind) {
            buf_addf(out, "%c file %s%s%s%s\n", sign, root, of, slash, path);
            continue;
        }
        buf_addf(out, "%c %s %s%s%s", sign, kind, platform ? platform : "", platform ? "/" : "",
                 json_text(item, "name"));
        if (path)
            buf_addf(out, "  (%s%s%s%s:%lld)", root, of, slash, path,
                     (long long)json_integer_value(json_object_get(item, "line")));
        buf_addc(out, '\n');
        print_effect(item, out);
        print_changes(item, out);
    }
}

static void print_breaking(const json_t *list, struct buf *out)
{
    size_t i, u;
    json_t *item, *user;
    if (json_array_size(list))
        buf_adds(out, "\nbreaking:\n");
    json_array_foreach((json_t *)list, i, item)
    {
        buf_addf(out, "! %s: %s\n    read by", json_text(item, "text"), json_text(item, "why"));
        json_array_foreach(json_object_get(item, "users"), u, user)
            buf_addf(out, "%s %s", u ? "," : "", json_string_value(user));
        buf_addc(out, '\n');
    }
}

void plan_print(const json_t *plan, struct buf *out)
{
    static const struct {
        const char *half, *list, *said;
        char sign;
    } parts[] = {{"objects", "added", "added", '+'},     {"objects", "changed", "changed", '~'},
                 {"objects", "removed", "removed", '-'}, {"files", "added", "added", '+'},
                 {"files", "changed", "changed", '~'},   {"files", "removed", "removed", '-'},
                 {"jobs", "added", "added", '+'},        {"jobs", "changed", "changed", '~'},
                 {"jobs", "retired", "retired", '-'}};
    struct buf summary = {0}, body = {0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const json_t *list = json_object_get(json_object_get(plan, parts[i].half), parts[i].list);
        print_items(list, parts[i].sign, &body);
        if (json_array_size(list))
            buf_addf(&summary, "%s%s %s %zu", summary.len ? ", " : "", parts[i].half, parts[i].said,
                     json_array_size(list));
    }
    const json_t *breaking = json_object_get(plan, "breaking");
    if (json_array_size(breaking))
        buf_addf(&summary, ", breaking %zu", json_array_size(breaking));
    buf_addf(out, "%s\n", summary.len ? buf_text(&summary) : "nothing changes");
    if (body.len)
        buf_addf(out, "\n%s", buf_text(&body));
    print_breaking(breaking, out);
    buf_dispose(&summary);
    buf_dispose(&body);
}
