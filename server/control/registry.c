#include "control/registry.h"

#include "control/reporter.h"
#include "control/secret.h"
#include "git/git.h"
#include "store/audit.h"

struct checking {
    registry_problem_fn *problem;
    void *ctx;
    size_t problems;
};

static void complain(struct checking *checking, const char *pointer, const char *text)
{
    checking->problems++;
    checking->problem(checking->ctx, pointer, text);
}

/* NULL, or what is wrong with the folder of the model. */
static const char *path_problem(const char *path)
{
    struct str rest = str_from(path);
    if (rest.len > 1024)
        return "the path has more than 1024 bytes";
    for (size_t i = 0; i < rest.len; i++)
        if ((unsigned char)path[i] < ' ' || path[i] == 127 || path[i] == '\\')
            return "the path holds a control character or a backslash";
    while (path[0] && rest.data) {
        struct str part = str_cut(&rest, '/');
        if (!part.len || str_eqz(part, ".") || str_eqz(part, ".."))
            return "the path is not a plain relative one, such as \"model\" or \"data/model\"";
    }
    return NULL;
}

static bool is_repository(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)name[i] < ' ' || name[i] == 127)
            return false;
    return len <= 255 && str_is_utf8(str_from(name));
}

static void check_secrets(struct checking *checking, struct arena *arena, const json_t *secrets)
{
    size_t n = json_array_size(secrets);
    if (!json_is_array(secrets) || n < 1 || n > SECRETS_MAX) {
        complain(checking, "/webhook_secrets", "one or two webhook secrets are needed, each by reference");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct str value;
        struct err why = {0};
        if (secret_read(arena, json_array_get(secrets, i), &value, &why) == 0)
            secret_wipe(value);
        else
            complain(checking, arena_printf(arena, "/webhook_secrets/%zu", i), why.text);
    }
}

int registry_check(struct arena *arena, const struct ecosystem_row *row, registry_problem_fn *problem, void *ctx,
                   struct err *err)
{
    struct checking checking = {problem, ctx, 0};
    struct err why = {0};
    if (!str_is_name(str_from(row->name)))
        complain(&checking, "", "the name of an ecosystem is a letter and up to 62 letters, digits, '_' or '-'");
    if (git_check_url(row->url, &why) != 0)
        complain(&checking, "/repository/url", why.text);
    if (git_check_branch(row->branch, &why) != 0)
        complain(&checking, "/repository/branch", why.text);
    if (row->repository && row->repository[0] && !is_repository(row->repository))
        complain(&checking, "/repository/name",
                 "the name of a repository is one line of 1 to 255 bytes, such as "
                 "\"acme/data-model\"");
    const char *wrong = path_problem(row->path);
    if (wrong)
        complain(&checking, "/repository/path", wrong);
    check_secrets(&checking, arena, row->secrets);
    struct forge_address address;
    struct err refused = {0};
    if (row->forge && reporter_address(arena, row->forge, registry_repository(arena, row), &address, &refused) != 0)
        complain(&checking, "/forge", refused.text);
    if (!checking.problems)
        return 0;
    return err_set(err, ERR_INVALID, "ecosystem %s cannot be registered like this", row->name);
}

const char *registry_repository(struct arena *arena, const struct ecosystem_row *row)
{
    return row->repository && row->repository[0] ? row->repository : git_url_name(arena, row->url);
}

json_t *registry_json(const struct ecosystem_row *row)
{
    struct arena *arena = arena_new();
    json_t *json =
        json_pack("{s:s, s:{s:s, s:s, s:s, s:s?}, s:O, s:I, s:i}", "name", row->name, "repository", "url", row->url,
                  "branch", row->branch, "path", row->path, "name", registry_repository(arena, row), "webhook_secrets",
                  row->secrets, "revision", (json_int_t)row->revision, "version", row->version);
    arena_free(arena);
    json_object_set_new(json, "forge", row->forge ? json_incref(row->forge) : json_null());
    json_object_set_new(json, "created_at", json_string(row->created_at));
    json_object_set_new(json, "updated_at", json_string(row->updated_at));
    return json;
}

/* What an audit row tells of it. */
static json_t *audited(struct arena *arena, const struct ecosystem_row *row)
{
    json_t *json = json_own(arena, registry_json(row));
    json_object_del(json, "created_at");
    json_object_del(json, "updated_at");
    return json;
}

static bool same(const struct ecosystem_row *a, const struct ecosystem_row *b)
{
    const char *was = a->repository ? a->repository : "", *is = b->repository ? b->repository : "";
    return strcmp(was, is) == 0 && strcmp(a->url, b->url) == 0 && strcmp(a->branch, b->branch) == 0 &&
           strcmp(a->path, b->path) == 0 && json_equal(a->secrets, b->secrets) &&
           (a->forge && b->forge ? json_equal(a->forge, b->forge) : a->forge == b->forge);
}

int registry_put(struct pg *pg, struct arena *arena, const struct ecosystem_row *row,
                 int (*allow)(void *ctx, const struct ecosystem_row *now, struct err *err), void *ctx,
                 const char *actor, const char *request_id, struct ecosystem_row *out, enum registry_change *change,
                 struct err *err)
{
    struct ecosystem_row now, next = *row;
    struct err why = {0};
    int rc = ecosystem_lock(pg, arena, row->name, &now, &why);
    bool there = rc == 0;
    if (rc && why.code != ERR_NOT_FOUND) {
        *err = why;
        return rc;
    }
    if ((rc = allow(ctx, there ? &now : NULL, err)) != 0)
        return rc;
    if (there && same(&now, row)) {
        *out = now;
        *change = REGISTRY_SAME;
        return 0;
    }
    next.revision = there ? now.revision : 1;
    rc = there ? ecosystem_update(pg, arena, &next, err) : ecosystem_create(pg, arena, &next, err);
    if (!rc)
        rc = ecosystem_get(pg, arena, row->name, &next, err);
    if (rc)
        return rc;
    struct audit_entry entry = {.ecosystem = row->name,
                                .actor = actor,
                                .action = there ? "ecosystem.update" : "ecosystem.create",
                                .object = arena_printf(arena, "ecosystem %s", row->name),
                                .before = there ? audited(arena, &now) : NULL,
                                .after = audited(arena, &next),
                                .request_id = request_id};
    rc = audit_add(pg, arena, &entry, err);
    if (rc)
        return rc;
    *out = next;
    *change = there ? REGISTRY_UPDATED : REGISTRY_CREATED;
    return 0;
}
