#include "control/registry.h"

#include "control/reporter.h"
#include "control/secret.h"
#include "git/git.h"
#include "store/audit.h"
#include "store/repository.h"

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
    bool own = ecosystem_is_own(row);
    if (!str_is_name(str_from(row->name)) || (!own && !str_is_name(str_from(row->repo))))
        complain(&checking, "",
                 arena_printf(arena, "the name of %s is a letter and up to 62 letters, digits, '_' or '-'",
                              own ? "an ecosystem" : "a repository"));
    if (git_check_url(row->url, &why) != 0)
        complain(&checking, "/repository/url", why.text);
    if (git_check_branch(row->branch, &why) != 0)
        complain(&checking, "/repository/branch", why.text);
    if (row->repository && row->repository[0] && !is_repository(row->repository))
        complain(&checking, "/repository/name",
                 "the name of a repository is one line of 1 to 255 bytes, such as "
                 "\"acme/data-model\"");
    else if (!own && !registry_repository(arena, row))
        complain(&checking, "/repository/name",
                 "needed: the URL does not say what owners in the model call the repository");
    const char *wrong = path_problem(row->path);
    if (wrong)
        complain(&checking, "/repository/path", wrong);
    check_secrets(&checking, arena, row->secrets);
    struct forge_address address;
    struct err refused = {0};
    const char *token;
    if (row->forge && reporter_address(arena, row->forge, registry_repository(arena, row), &address, &refused) != 0)
        complain(&checking, "/forge", refused.text);
    else if (row->forge && address.token && reporter_token(arena, &address, &token, &refused) != 0)
        complain(&checking, "/forge/token", refused.text);
    if (!checking.problems)
        return 0;
    return err_set(err, ERR_INVALID, "%s %s cannot be registered like this", own ? "ecosystem" : "repository",
                   own ? row->name : row->repo);
}

const char *registry_repository(struct arena *arena, const struct ecosystem_row *row)
{
    return row->repository && row->repository[0] ? row->repository : git_url_name(arena, row->url);
}

json_t *registry_json(const struct ecosystem_row *row)
{
    struct arena *arena = arena_new();
    bool own = ecosystem_is_own(row);
    json_t *json =
        json_pack("{s:s, s:{s:s, s:s, s:s, s:s?}, s:O, s:I}", "name", own ? row->name : row->repo, "repository", "url",
                  row->url, "branch", row->branch, "path", row->path, "name", registry_repository(arena, row),
                  "webhook_secrets", row->secrets, "revision", (json_int_t)row->revision);
    arena_free(arena);
    if (own)
        json_object_set_new(json, "version", json_integer(row->version));
    else
        json_object_set_new(json, "commit", json_text_or_null(row->in_force));
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
    json_object_del(json, "commit");
    return json;
}

static bool same(const struct ecosystem_row *a, const struct ecosystem_row *b)
{
    const char *was = a->repository ? a->repository : "", *is = b->repository ? b->repository : "";
    return strcmp(was, is) == 0 && strcmp(a->url, b->url) == 0 && strcmp(a->branch, b->branch) == 0 &&
           strcmp(a->path, b->path) == 0 && json_equal(a->secrets, b->secrets) &&
           (a->forge && b->forge ? json_equal(a->forge, b->forge) : a->forge == b->forge);
}

/* What the row has in the database: owners name another repository by a name that stays, its own one by what the URL
 * says. */
static struct ecosystem_row to_keep(struct arena *arena, const struct ecosystem_row *row)
{
    struct ecosystem_row kept = *row;
    if (!ecosystem_is_own(row))
        kept.repository = registry_repository(arena, row);
    return kept;
}

/* An owner is a repository and a branch: no two that are registered may be the same one. own: the ecosystem's own. */
static int check_owners(struct pg *pg, struct arena *arena, const struct ecosystem_row *row,
                        const struct ecosystem_row *own, struct err *err)
{
    struct ecosystem_row named = *row;
    const char *name = registry_repository(arena, own);
    named.repository = registry_repository(arena, row);
    if (!ecosystem_is_own(row) && !name) {
        (void)err_set(err, ERR_CONFLICT, "the ecosystem's own repository has no name that owners could call it by");
        return err_hint(err, "give it one (repository.name of the ecosystem) before there are others");
    }
    if (!ecosystem_is_own(row) && strcmp(row->branch, own->branch) == 0) {
        const char *alike = strcmp(row->url, own->url) == 0       ? row->url
                            : strcmp(named.repository, name) == 0 ? name
                                                                  : NULL;
        if (alike)
            return err_set(err, ERR_CONFLICT, "the ecosystem's own repository is %s, branch %s, already", alike,
                           own->branch);
    }
    if (ecosystem_is_own(row) && own->shared && !named.repository)
        return err_set(err, ERR_CONFLICT, "the ecosystem has other repositories: its own one needs a name");
    return named.repository ? repository_check_others(pg, arena, &named, err) : 0;
}

/* *there: it is; *now and *own are what is, under the lock of the ecosystem. */
static int look(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, struct ecosystem_row *own,
                struct ecosystem_row *now, bool *there, struct err *err)
{
    struct err why = {0};
    int rc = ecosystem_lock(pg, arena, row->name, own, &why);
    if (!rc && !ecosystem_is_own(row))
        rc = repository_get(pg, arena, row->name, row->repo, now, &why);
    else
        *now = *own;
    *there = rc == 0;
    if (rc == -ERR_NOT_FOUND && (ecosystem_is_own(row) || own->name))
        return 0;
    if (rc)
        *err = why;
    return rc;
}

static int write(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, bool there, struct err *err)
{
    if (ecosystem_is_own(row))
        return there ? ecosystem_update(pg, arena, row, err) : ecosystem_create(pg, arena, row, err);
    return there ? repository_update(pg, arena, row, err) : repository_create(pg, arena, row, err);
}

static int audit(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, const char *action,
                 json_t *before, json_t *after, const char *actor, const char *request_id, struct err *err)
{
    const char *noun = ecosystem_is_own(row) ? "ecosystem" : "repository";
    struct audit_entry entry = {.ecosystem = row->name,
                                .actor = actor,
                                .action = arena_printf(arena, "%s.%s", noun, action),
                                .object =
                                    arena_printf(arena, "%s %s", noun, ecosystem_is_own(row) ? row->name : row->repo),
                                .before = before,
                                .after = after,
                                .request_id = request_id};
    return audit_add(pg, arena, &entry, err);
}

int registry_put(struct pg *pg, struct arena *arena, const struct ecosystem_row *row,
                 int (*allow)(void *ctx, const struct ecosystem_row *now, struct err *err), void *ctx,
                 const char *actor, const char *request_id, struct ecosystem_row *out, enum registry_change *change,
                 struct err *err)
{
    struct ecosystem_row own = {0}, now = {0}, next = to_keep(arena, row);
    bool there;
    int rc = look(pg, arena, row, &own, &now, &there, err);
    if (rc || (rc = allow(ctx, there ? &now : NULL, err)) != 0)
        return rc;
    if (there && same(&now, &next)) {
        *out = now;
        *change = REGISTRY_SAME;
        return 0;
    }
    next.revision = there ? now.revision : 1;
    rc = own.name ? check_owners(pg, arena, &next, &own, err) : 0;
    if (!rc)
        rc = write(pg, arena, &next, there, err);
    if (!rc)
        rc = repository_get(pg, arena, row->name, ecosystem_repo(row), &next, err);
    if (!rc)
        rc = audit(pg, arena, &next, there ? "update" : "create", there ? audited(arena, &now) : NULL,
                   audited(arena, &next), actor, request_id, err);
    if (rc)
        return rc;
    *out = next;
    *change = there ? REGISTRY_UPDATED : REGISTRY_CREATED;
    return 0;
}

int registry_delete(struct pg *pg, struct arena *arena, const char *ecosystem, const char *repo,
                    int (*allow)(void *ctx, const struct ecosystem_row *now, struct err *err), void *ctx,
                    const char *actor, const char *request_id, struct err *err)
{
    struct ecosystem_row own, now;
    int rc = ecosystem_lock(pg, arena, ecosystem, &own, err);
    if (!rc)
        rc = repository_get(pg, arena, ecosystem, repo, &now, err);
    if (!rc)
        rc = allow(ctx, &now, err);
    if (!rc)
        rc = repository_delete(pg, arena, &now, err);
    return rc ? rc : audit(pg, arena, &now, "delete", audited(arena, &now), NULL, actor, request_id, err);
}
