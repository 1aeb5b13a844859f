#include "api/objects.h"

#include "api/page.h"
#include "api/reading.h"
#include "model/origin.h"

#include <stdlib.h>

enum { PAGE = 100, PAGE_MAX = 500 };

/* Where a page begins: in which version, after which name. */
struct span {
    const struct snapshot *snapshot;
    const char *after; /* NULL: at the first */
    size_t limit;
};

static int read_span(struct http_request *req, struct span *span, struct err *err)
{
    static const char *const known[] = {"limit", "cursor", NULL};
    const char *parts[2];
    bool present;
    int version, rc;
    if ((rc = reading_check_query(req, known, err)) != 0 ||
        (rc = http_page_limit(req, PAGE, PAGE_MAX, &span->limit, err)) != 0 ||
        (rc = http_cursor_read(req, parts, 2, &present, err)) != 0 || (rc = reading_version(req, &version, err)) != 0)
        return rc;
    if (present) {
        int64_t pinned;
        if (!str_int64(str_from(parts[0]), 1, INT32_MAX, &pinned) || (version && version != pinned))
            return http_cursor_refuse(err);
        version = (int)pinned;
    }
    span->after = present ? parts[1] : NULL;
    return reading_snapshot_of(req, version, &span->snapshot, err);
}

static void link_next(struct http_request *req, struct http_response *res, const struct span *span, const char *last)
{
    const char *parts[] = {arena_printf(req->arena, "%d", span->snapshot->version), last};
    http_link_next(req, res, http_cursor_make(req->arena, parts, 2));
}

/* {"kind","name","path","line","hash","body"}, with "repository" unless it is the ecosystem's own: path and line are
 * those of the version in which it last changed. */
static void write_object(struct buf *out, const struct object *object)
{
    json_t *path = json_string(object->place.path ? origin_path(object->place.path) : "");
    struct str origin = origin_of(object->place.path);
    buf_addf(out, "{\"kind\":\"%s\",\"name\":\"%s\",", object_kind_names[object->kind], object->name);
    if (origin.len) /* a name, which needs no escapes */
        buf_addf(out, "\"repository\":\"" STR_FMT "\",", STR_ARG(origin));
    buf_adds(out, "\"path\":");
    json_write(out, path);
    json_decref(path);
    buf_addf(out, ",\"line\":%u,\"hash\":\"%s\",\"body\":", object->place.line, object->hash);
    buf_add_str(out, object->body);
    buf_addc(out, '}');
}

static int list(struct http_request *req, struct http_response *res, enum object_kind kind, struct err *err)
{
    struct span span;
    int rc = read_span(req, &span, err);
    if (rc)
        return rc;
    const struct model *model = span.snapshot->model;
    struct buf *out = buf_new(req->arena);
    const char *last = NULL;
    size_t written = 0;
    buf_addf(out, "{\"version\":%d,\"items\":[", span.snapshot->version);
    for (size_t i = 0; i < model->count; i++) {
        const struct object *object = &model->objects[i];
        if (object->kind != kind || (span.after && strcmp(object->name, span.after) <= 0))
            continue;
        if (written == span.limit) {
            link_next(req, res, &span, last);
            break;
        }
        if (written++)
            buf_addc(out, ',');
        write_object(out, object);
        last = object->name;
    }
    buf_adds(out, "]}");
    http_reply_text(res, 200, "application/json", buf_str(out));
    http_set_body_etag(req, res);
    reading_settled(req, res);
    return 0;
}

static int one(struct http_request *req, struct http_response *res, enum object_kind kind, const char *param,
               struct err *err)
{
    static const char *const known[] = {NULL};
    const struct snapshot *snapshot;
    int rc = reading_check_query(req, known, err);
    if (!rc)
        rc = reading_snapshot(req, &snapshot, err);
    if (rc)
        return rc;
    const char *name = http_param(req, param);
    const struct object *object = model_find(snapshot->model, kind, name);
    if (!object)
        return err_set(err, ERR_NOT_FOUND, "version %d of ecosystem %s has no %s %s", snapshot->version,
                       snapshot->ecosystem, param, name);
    struct buf *out = buf_new(req->arena);
    buf_addf(out, "{\"version\":%d,", snapshot->version);
    struct buf *text = buf_new(req->arena);
    write_object(text, object);
    buf_add_str(out, (struct str){text->data + 1, text->len - 1});
    http_reply_text(res, 200, "application/json", buf_str(out));
    http_set_etag(req, res, arena_printf(req->arena, "%d-%s", snapshot->version, object->hash));
    reading_settled(req, res);
    return 0;
}

int objects_datastores(struct http_request *req, struct http_response *res, struct err *err)
{
    return list(req, res, OBJECT_DATASTORE, err);
}

int objects_datastore(struct http_request *req, struct http_response *res, struct err *err)
{
    return one(req, res, OBJECT_DATASTORE, "datastore", err);
}

int objects_workspaces(struct http_request *req, struct http_response *res, struct err *err)
{
    return list(req, res, OBJECT_WORKSPACE, err);
}

int objects_workspace(struct http_request *req, struct http_response *res, struct err *err)
{
    return one(req, res, OBJECT_WORKSPACE, "workspace", err);
}

int objects_psps(struct http_request *req, struct http_response *res, struct err *err)
{
    return list(req, res, OBJECT_PSP, err);
}

int objects_psp(struct http_request *req, struct http_response *res, struct err *err)
{
    return one(req, res, OBJECT_PSP, "psp", err);
}

/* What a team has in the model: names of its stores and workspaces. */
static void add_possessions(json_t *team, const struct model *model, const char *name)
{
    json_t *stores = json_array(), *workspaces = json_array();
    for (size_t i = 0; i < model->count; i++) {
        const struct object *object = &model->objects[i];
        if (object->kind == OBJECT_DATASTORE && object->datastore->team && strcmp(object->datastore->team, name) == 0)
            json_array_append_new(stores, json_string(object->name));
        if (object->kind == OBJECT_WORKSPACE && object->workspace->team && strcmp(object->workspace->team, name) == 0)
            json_array_append_new(workspaces, json_string(object->name));
    }
    json_object_set_new(team, "datastores", stores);
    json_object_set_new(team, "workspaces", workspaces);
}

struct team {
    const char *name; /* "zone/team" */
    const struct object *zone;
    const struct owned *declared;
};

static int compare_teams(const void *a, const void *b)
{
    return strcmp(((const struct team *)a)->name, ((const struct team *)b)->name);
}

static size_t collect_teams(struct arena *arena, const struct model *model, struct team **out)
{
    vec(struct team) teams = {0};
    for (size_t i = 0; i < model->count; i++) {
        const struct object *object = &model->objects[i];
        if (object->kind != OBJECT_ZONE)
            continue;
        vec_each(declared, &object->zone->teams)
        {
            const char *name = arena_printf(arena, "%s/%s", object->name, declared->name);
            *vec_push(arena, &teams) = (struct team){name, object, declared};
        }
    }
    if (teams.len)
        qsort(teams.items, teams.len, sizeof *teams.items, compare_teams);
    *out = teams.items;
    return teams.len;
}

int objects_teams(struct http_request *req, struct http_response *res, struct err *err)
{
    struct span span;
    int rc = read_span(req, &span, err);
    if (rc)
        return rc;
    struct team *teams;
    size_t count = collect_teams(req->arena, span.snapshot->model, &teams);
    json_t *items = json_array();
    const char *last = NULL;
    for (size_t i = 0; i < count; i++) {
        if (span.after && strcmp(teams[i].name, span.after) <= 0)
            continue;
        if (json_array_size(items) == span.limit) {
            link_next(req, res, &span, last);
            break;
        }
        const struct owner *owner = &teams[i].declared->owner;
        json_t *team = json_pack("{s:s, s:s, s:{s:s?, s:s?}}", "name", teams[i].name, "zone", teams[i].zone->name,
                                 "owner", "repository", owner->repository, "branch", owner->branch);
        add_possessions(team, span.snapshot->model, teams[i].name);
        json_array_append_new(items, team);
        last = teams[i].name;
    }
    json_t *body = json_pack("{s:i, s:o}", "version", span.snapshot->version, "items", items);
    http_reply_json(res, 200, json_own(req->arena, body));
    http_set_body_etag(req, res);
    reading_settled(req, res);
    return 0;
}
