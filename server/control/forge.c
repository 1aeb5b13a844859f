#include "control/forge.h"

#include "base/crypto.h"

/* The value at a path of keys joined by dots; a number is an index. NULL when there is none. */
static json_t *at(json_t *value, const char *path)
{
    struct str rest = str_from(path);
    while (value && rest.len) {
        struct str key = str_cut(&rest, '.');
        int64_t index;
        value = json_is_array(value) && str_int64(key, 0, INT32_MAX, &index)
                    ? json_array_get(value, (size_t)index)
                    : json_object_getn(value, key.data, key.len);
    }
    return value;
}

static const char *text_at(json_t *payload, const char *path)
{
    return json_string_value(at(payload, path));
}

static bool lacks(struct arena *arena, const char *what, const char *path, const char **why)
{
    *why = arena_printf(arena, "the payload of the %s has no text %s", what, path);
    return false;
}

static bool is_zero(const char *oid)
{
    return oid[0] && strspn(oid, "0") == strlen(oid);
}

/* GitHub, and those that took its form: Gitea and Forgejo. GitLab has the same two. */
static bool read_push(struct arena *arena, json_t *payload, const char *branch, struct forge_push *out,
                      const char **why)
{
    (void)branch;
    out->ref = text_at(payload, "ref");
    out->after = text_at(payload, "after");
    if (!out->ref || !out->after)
        return lacks(arena, "push", out->ref ? "after" : "ref", why);
    if (json_is_true(json_object_get(payload, "deleted")) || is_zero(out->after))
        out->after = NULL;
    return true;
}

/* Bitbucket tells of all branches and tags of one push in one payload. The followed one counts; without it, the first
 * says what else was pushed. */
static bool read_bitbucket_push(struct arena *arena, json_t *payload, const char *branch, struct forge_push *out,
                                const char **why)
{
    json_t *changes = at(payload, "push.changes"), *change, *found = NULL;
    size_t i;
    if (!json_is_array(changes) || !json_array_size(changes)) {
        *why = "the payload of the push has no list push.changes";
        return false;
    }
    json_array_foreach(changes, i, change)
    {
        json_t *side = json_is_object(at(change, "new")) ? at(change, "new") : at(change, "old");
        const char *type = text_at(side, "type"), *name = text_at(side, "name");
        bool followed = type && name && strcmp(type, "branch") == 0 && strcmp(name, branch) == 0;
        if (followed || !found)
            found = change;
        if (followed)
            break;
    }
    bool gone = !json_is_object(at(found, "new"));
    json_t *side = at(found, gone ? "old" : "new");
    const char *type = text_at(side, "type"), *name = text_at(side, "name");
    if (!type || !name)
        return lacks(arena, "push", type ? "push.changes.0.new.name" : "push.changes.0.new.type", why);
    out->ref = arena_printf(arena, "refs/%s/%s", strcmp(type, "branch") == 0 ? "heads" : "tags", name);
    out->after = gone ? NULL : text_at(side, "target.hash");
    return gone || out->after || lacks(arena, "push", "push.changes.0.new.target.hash", why);
}

/* Where a payload keeps a pull request. */
struct pull_paths {
    const char *number, *head, *head_branch, *base_branch, *state, *labels, *label;
};

/* The texts at name of the objects in a list; none of what is no list. */
static json_t *names_of(struct arena *arena, json_t *list, const char *name)
{
    json_t *names = json_own(arena, json_array()), *item;
    size_t i;
    json_array_foreach(list, i, item)
    {
        const char *text = text_at(item, name);
        if (text)
            json_array_append_new(names, json_string(text));
    }
    return names;
}

static bool read_pull(struct arena *arena, json_t *payload, const struct pull_paths *paths, const char *open,
                      struct forge_pull *out, const char **why)
{
    const struct {
        const char **to, *path;
    } texts[] = {
        {&out->head, paths->head}, {&out->head_branch, paths->head_branch}, {&out->base_branch, paths->base_branch}};
    json_t *number = at(payload, paths->number);
    if (!json_is_integer(number)) {
        *why = arena_printf(arena, "the payload of the pull request has no number %s", paths->number);
        return false;
    }
    out->number = arena_printf(arena, "%lld", (long long)json_integer_value(number));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!(*texts[i].to = text_at(payload, texts[i].path)))
            return lacks(arena, "pull request", texts[i].path, why);
    const char *state = text_at(payload, paths->state);
    if (!state)
        return lacks(arena, "pull request", paths->state, why);
    out->open = strcmp(state, open) == 0;
    out->labels = names_of(arena, paths->labels ? at(payload, paths->labels) : NULL, paths->label);
    out->labelled = json_own(arena, json_array());
    out->labelling = false;
    out->sender = out->fork = NULL;
    return true;
}

/* In GitHub's form, which Gitea and Forgejo took. */
static bool read_github_form(struct arena *arena, json_t *payload, struct forge_pull *out, const char **why)
{
    static const struct pull_paths paths = {"pull_request.number",
                                            "pull_request.head.sha",
                                            "pull_request.head.ref",
                                            "pull_request.base.ref",
                                            "pull_request.state",
                                            "pull_request.labels",
                                            "name"};
    if (!read_pull(arena, payload, &paths, "open", out, why))
        return false;
    out->sender = text_at(payload, "sender.login");
    return true;
}

static bool is_action(json_t *payload, const char *action)
{
    const char *its = text_at(payload, "action");
    return its && strcmp(its, action) == 0;
}

static bool read_github_pull(struct arena *arena, json_t *payload, struct forge_pull *out, const char **why)
{
    if (!read_github_form(arena, payload, out, why))
        return false;
    const char *label = text_at(payload, "label.name");
    if (label && is_action(payload, "labeled"))
        json_array_append_new(out->labelled, json_string(label));
    return true;
}

/* Newer ones tell which labels were added; all tell that labels were changed. A pull request that is opened with labels
 * has them in that event alone. */
static bool read_gitea_pull(struct arena *arena, json_t *payload, struct forge_pull *out, const char **why)
{
    if (!read_github_form(arena, payload, out, why))
        return false;
    json_t *added = at(payload, "changes.added_labels");
    if (json_is_array(added))
        out->labelled = names_of(arena, added, "name");
    else
        out->labelling = is_action(payload, "label_updated") || is_action(payload, "opened");
    return true;
}

static bool read_gitlab_pull(struct arena *arena, json_t *payload, struct forge_pull *out, const char **why)
{
    static const struct pull_paths paths = {"object_attributes.iid",
                                            "object_attributes.last_commit.id",
                                            "object_attributes.source_branch",
                                            "object_attributes.target_branch",
                                            "object_attributes.state",
                                            "labels",
                                            "title"};
    if (!read_pull(arena, payload, &paths, "opened", out, why))
        return false;
    out->sender = text_at(payload, "user.username");
    /* "changes" has labels before and after; but those before are empty in some events that change none, as in the one
     * of a push, which has an oldrev. So it only says that there may be new ones. */
    const char *action = text_at(payload, "object_attributes.action");
    bool changed = json_is_object(at(payload, "changes.labels")) && !text_at(payload, "object_attributes.oldrev");
    out->labelling = changed || (action && strcmp(action, "open") == 0);
    return true;
}

static bool read_bitbucket_pull(struct arena *arena, json_t *payload, struct forge_pull *out, const char **why)
{
    static const struct pull_paths paths = {"pullrequest.id",
                                            "pullrequest.source.commit.hash",
                                            "pullrequest.source.branch.name",
                                            "pullrequest.destination.branch.name",
                                            "pullrequest.state",
                                            NULL,
                                            NULL};
    if (!read_pull(arena, payload, &paths, "OPEN", out, why))
        return false;
    const char *from = text_at(payload, "pullrequest.source.repository.full_name"),
               *to = text_at(payload, "pullrequest.destination.repository.full_name");
    if (to && (!from || strcmp(from, to) != 0)) /* none: the fork was deleted */
        out->fork = from ? from : "a repository that is gone";
    return true;
}

/* Sources: each forge's documentation of webhooks. */
const struct forge forges[] = {
    {"github", "X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256", FORGE_HMAC_PREFIXED, "push,",
     "pull_request,", "ping,", true, "refs/pull/%s/head", read_push, read_github_pull},
    {"gitlab", "X-Gitlab-Event", "X-Gitlab-Event-UUID", "X-Gitlab-Token", FORGE_TOKEN, "Push Hook,",
     "Merge Request Hook,", "", true, "refs/merge-requests/%s/head", read_push, read_gitlab_pull},
    {"bitbucket", "X-Event-Key", "X-Request-UUID", "X-Hub-Signature", FORGE_HMAC_PREFIXED, "repo:push,",
     "pullrequest:created,pullrequest:updated,pullrequest:fulfilled,pullrequest:rejected,", "diagnostics:ping,", false,
     NULL, read_bitbucket_push, read_bitbucket_pull},
    {"gitea", "X-Gitea-Event", "X-Gitea-Delivery", "X-Gitea-Signature", FORGE_HMAC, "push,",
     "pull_request,pull_request_sync,pull_request_label,", "", true, "refs/pull/%s/head", read_push, read_gitea_pull},
    {"forgejo", "X-Forgejo-Event", "X-Forgejo-Delivery", "X-Forgejo-Signature", FORGE_HMAC, "push,",
     "pull_request,pull_request_sync,pull_request_label,", "", true, "refs/pull/%s/head", read_push, read_gitea_pull},
};
const size_t forge_count = sizeof forges / sizeof *forges;

const struct forge *forge_find(const char *name)
{
    for (const struct forge *forge = forges; forge < forges + forge_count; forge++)
        if (strcmp(forge->name, name) == 0)
            return forge;
    return NULL;
}

int forge_get(const char *name, enum err_code code, const struct forge **out, struct err *err)
{
    struct buf names = {0};
    *out = forge_find(name);
    if (*out)
        return 0;
    for (size_t i = 0; i < forge_count; i++)
        buf_addf(&names, "%s%s", i ? ", " : "", forges[i].name);
    (void)err_set(err, code, "forge \"%s\" is none of %s", name, buf_text(&names));
    buf_dispose(&names);
    return -(int)code;
}

static bool is_among(const char *names, const char *name)
{
    struct str rest = str_from(names);
    while (rest.len)
        if (str_eqz(str_cut(&rest, ','), name))
            return true;
    return false;
}

enum forge_event forge_event(const struct forge *forge, const char *event)
{
    if (is_among(forge->pushes, event))
        return FORGE_PUSH;
    if (is_among(forge->pulls, event))
        return FORGE_PULL;
    return is_among(forge->pings, event) ? FORGE_PING : FORGE_OTHER;
}

bool forge_is_signed(const struct forge *forge, struct str secret, const char *signature, struct str body)
{
    enum { PREFIX = sizeof "sha256=" - 1 };
    unsigned char mac[SHA256_SIZE];
    char expected[PREFIX + SHA256_HEX_SIZE] = "sha256=";
    crypto_hmac_sha256(secret, body, mac);
    crypto_hex(mac, sizeof mac, expected + PREFIX);
    struct str wanted = forge->signature == FORGE_TOKEN  ? secret
                        : forge->signature == FORGE_HMAC ? str_from(expected + PREFIX)
                                                         : str_from(expected);
    bool same = signature && crypto_equal(wanted, str_from(signature));
    explicit_bzero(mac, sizeof mac);
    explicit_bzero(expected, sizeof expected);
    return same;
}
