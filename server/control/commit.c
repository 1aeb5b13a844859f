#include "control/commit.h"

#include "control/merge.h"
#include "control/pull.h"
#include "control/push.h"
#include "control/reporter.h"
#include "store/repository.h"

/* A commit that the mirror lacks may not have reached the forge's replica yet: so many attempts wait for it, unless a
 * fetch looked for it so long after the push. */
enum { UNSEEN_ATTEMPTS = 3, REPLICA_MS = 5000 };

void commit_step(const struct commit_service *service, const char *step)
{
    if (service->hook)
        service->hook(service->hook_ctx, step);
}

const struct git_limits *commit_limits(const struct commit_service *service)
{
    return service->limits ? service->limits : &git_default_limits;
}

const char *commit_mirror(const struct commit_service *service, struct arena *arena,
                          const struct ecosystem_row *ecosystem)
{
    bool own = ecosystem_is_own(ecosystem); /* a name has no '+' */
    return arena_printf(arena, "%s/git/%s%s%s.git", service->state_dir, ecosystem->name, own ? "" : "+",
                        ecosystem_repo(ecosystem));
}

struct finishing {
    const struct delivery_claim *claim;
    const struct delivery_outcome *outcome;
    const struct ecosystem_row *ecosystem; /* by the repository of the delivery */
    const char *head;                      /* to be remembered for those that wait, or NULL */
};

static int finish_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct finishing *finishing = ctx;
    int rc = delivery_finish(pg, arena, finishing->claim, finishing->outcome, err);
    if (!rc)
        rc = reporter_tell(pg, arena, finishing->ecosystem, finishing->outcome, err);
    if (!rc && finishing->head)
        rc = ecosystem_set_head(pg, arena, finishing->ecosystem, finishing->head, finishing->claim->at,
                                finishing->claim->id, err);
    return rc;
}

static int finish_at(const struct commit_service *service, struct arena *arena, struct finishing *finishing,
                     struct err *err)
{
    int rc = pg_pool_transaction(service->pool, arena, finish_tx, finishing, err);
    if (!rc)
        commit_step(service, "committed");
    return rc;
}

static int finish(const struct commit_service *service, struct arena *arena, const struct delivery_claim *claim,
                  const struct ecosystem_row *ecosystem, const struct delivery_outcome *outcome, struct err *err)
{
    return finish_at(service, arena, &(struct finishing){claim, outcome, ecosystem, NULL}, err);
}

/* What the database knows before anything is fetched. */
static int read_state(const struct commit_service *service, struct arena *arena, const struct delivery_claim *claim,
                      struct ecosystem_row *ecosystem, struct delivery_decided *decided, bool *found, struct err *err)
{
    struct pg *pg;
    int rc = pg_pool_take(service->pool, &pg, err);
    if (rc)
        return rc;
    rc = repository_get(pg, arena, claim->ecosystem, claim->repo ? claim->repo : "", ecosystem, err);
    if (!rc)
        rc = delivery_decided(pg, arena, claim->id, decided, found, err);
    pg_pool_give(service->pool, pg);
    return rc;
}

/* What became of the head of a branch. */
struct fate {
    bool held;          /* for reason */
    int version;        /* 0: it is held, or was rejected for findings */
    const char *reason; /* of a held one */
    const json_t *findings;
};

/* The outcome of a push whose branch has a head with a known fate. */
static void judge(struct arena *arena, const struct push *push, const char *branch, const char *head, bool reachable,
                  const struct fate *fate, struct delivery_outcome *outcome)
{
    int version = fate->version;
    if (fate->held && reachable) {
        outcome->commit_oid = push->commit[0] ? push->commit : head;
        outcome->state = "held";
        outcome->reason = fate->reason;
        outcome->findings = fate->findings;
        return;
    }
    if (!push->commit[0] || strcmp(push->commit, head) == 0) {
        outcome->commit_oid = head;
        outcome->state = version ? "merged" : "rejected";
        outcome->version = version;
        outcome->findings = fate->findings;
        outcome->reason = version ? arena_printf(arena, "commit %s is in force already", head)
                                  : arena_printf(arena, "commit %s was rejected", head);
        return;
    }
    outcome->state = "superseded";
    outcome->version = reachable ? version : 0;
    outcome->reason = reachable ? arena_printf(arena, "superseded by %s%s", head, version ? "" : ", which was rejected")
                                : arena_printf(arena, "commit %s is no longer on branch %s", push->commit, branch);
}

static int is_reachable(const struct push *push, const char *dir, const char *head, bool *reachable, struct err *err)
{
    *reachable = true;
    return push->commit[0] ? git_is_ancestor(dir, push->commit, head, reachable, err) : 0;
}

static bool has_commit(const struct commit_service *service, struct arena *arena, const struct ecosystem_row *ecosystem,
                       const char *oid)
{
    struct git_commit_info commit;
    struct err err = {0};
    return git_commit_read(arena, commit_mirror(service, arena, ecosystem), oid, &commit, &err) == 0;
}

/* A commit that nobody has seen is worth another look; one that is there but not on the branch is not. What this fetch
 * found is kept all the same, so that of many such deliveries not each has to look for itself. */
static int wait_for_unseen(const struct commit_service *service, struct arena *arena,
                           const struct delivery_claim *claim, const struct ecosystem_row *ecosystem,
                           const struct push *push, const char *head, struct err *err)
{
    struct pg *pg;
    if (claim->attempts >= UNSEEN_ATTEMPTS || has_commit(service, arena, ecosystem, push->commit))
        return 0;
    int rc = pg_pool_take(service->pool, &pg, err);
    if (rc)
        return rc;
    rc = ecosystem_head_again(pg, arena, ecosystem, head, claim->at, err);
    pg_pool_give(service->pool, pg);
    if (rc)
        return rc;
    return err_set(err, ERR_UNAVAILABLE, "commit %s is not on branch %s yet", push->commit, ecosystem->branch);
}

/* Errors of a fetch that no further attempt will heal are the outcome. */
static bool fetch_decides(const struct err *err)
{
    return err->code == ERR_NOT_FOUND || err->code == ERR_TOO_LARGE || err->code == ERR_INVALID;
}

/* The first version is the ecosystem's own: nobody else says who the owners are. When it came, this head is tried
 * again.
 */
static int wait_for_own(const struct commit_service *service, struct arena *arena, const struct delivery_claim *claim,
                        const struct ecosystem_row *ecosystem, const char *head, struct delivery_outcome *outcome,
                        struct err *err)
{
    outcome->state = "rejected";
    outcome->commit_oid = head;
    outcome->reason = arena_printf(arena,
                                   "repository %s waits: the ecosystem's own repository has no version in force yet; "
                                   "commit %s is tried again when it has",
                                   ecosystem->repo, head);
    return finish_at(service, arena, &(struct finishing){claim, outcome, ecosystem, head}, err);
}

static int settle(const struct commit_service *service, struct arena *arena, const struct delivery_claim *claim,
                  const struct ecosystem_row *ecosystem, const struct push *push, const char *head,
                  const char *in_force, struct delivery_outcome *outcome, struct err *err)
{
    const char *dir = commit_mirror(service, arena, ecosystem);
    bool reachable;
    int rc = is_reachable(push, dir, head, &reachable, err);
    if (!rc && !reachable)
        rc = wait_for_unseen(service, arena, claim, ecosystem, push, head, err);
    if (rc)
        return rc;
    bool known = in_force && strcmp(in_force, head) == 0;
    if (reachable && !known && !ecosystem->version && !ecosystem_is_own(ecosystem))
        return wait_for_own(service, arena, claim, ecosystem, head, outcome, err);
    if (reachable && !known)
        return merge_head(service, arena, claim, ecosystem, push, head, err);
    const struct fate fate = {.version = known ? ecosystem->version : 0};
    judge(arena, push, ecosystem->branch, head, reachable, &fate, outcome);
    return finish_at(service, arena, &(struct finishing){claim, outcome, ecosystem, known && reachable ? head : NULL},
                     err);
}

static int fetch_and_settle(const struct commit_service *service, struct arena *arena,
                            const struct delivery_claim *claim, const struct ecosystem_row *ecosystem,
                            const struct push *push, struct delivery_outcome *outcome, struct err *err)
{
    char head[GIT_OID_TEXT];
    struct err why = {0};
    int rc = git_fetch_with(arena, commit_mirror(service, arena, ecosystem), ecosystem->url, ecosystem->branch,
                            commit_limits(service), service->fetch, head, &why);
    if (rc && fetch_decides(&why)) {
        outcome->state = "rejected";
        outcome->reason = arena_printf(arena, "%s; the version in force stays", why.text);
        return finish(service, arena, claim, ecosystem, outcome, err);
    }
    if (rc) {
        *err = why;
        return rc;
    }
    commit_step(service, "fetched");
    bool same_folder = ecosystem->in_force && strcmp(ecosystem->in_force_path, ecosystem->path) == 0;
    const char *in_force = same_folder ? ecosystem->in_force : NULL;
    return settle(service, arena, claim, ecosystem, push, head, in_force, outcome, err);
}

/* Its repository went while it waited. */
static int finish_deleted(const struct commit_service *service, struct arena *arena, const struct delivery_claim *claim,
                          struct err *err)
{
    const struct ecosystem_row gone = {.name = claim->ecosystem, .repo = claim->repo};
    const struct delivery_outcome outcome = {
        .state = "ignored", .reason = arena_printf(arena, "repository %s is not registered any more", claim->repo)};
    *err = (struct err){0};
    return finish(service, arena, claim, &gone, &outcome, err);
}

int commit_process(const struct commit_service *service, struct arena *arena, const struct delivery_claim *claim,
                   struct err *err)
{
    struct ecosystem_row ecosystem;
    struct delivery_decided decided;
    struct delivery_outcome outcome;
    struct push push;
    bool found, reachable;
    commit_step(service, "claimed");
    int rc = read_state(service, arena, claim, &ecosystem, &decided, &found, err);
    if (rc == -ERR_NOT_FOUND && claim->repo && claim->repo[0])
        return finish_deleted(service, arena, claim, err);
    if (rc)
        return rc;
    if (push_decide(arena, claim, &ecosystem, &push, &outcome))
        return push.closed &&
                       (rc = pull_close(service, arena, &ecosystem, forge_find(claim->forge), push.closed, err)) != 0
                   ? rc
                   : finish(service, arena, claim, &ecosystem, &outcome, err);
    if (push.pull)
        return pull_process(service, arena, claim, &ecosystem, push.pull, &outcome, err);
    /* replicas have mirrors of their own: another one may have fetched that head */
    if (!found || !has_commit(service, arena, &ecosystem, decided.head_oid))
        return fetch_and_settle(service, arena, claim, &ecosystem, &push, &outcome, err);
    /* The head was fetched after this delivery had come: it holds all that the delivery could ask for. */
    rc = is_reachable(&push, commit_mirror(service, arena, &ecosystem), decided.head_oid, &reachable, err);
    if (rc)
        return rc;
    /* unless that fetch met a replica of the forge that the push had not reached */
    if (!reachable && decided.after_ms < REPLICA_MS && !has_commit(service, arena, &ecosystem, push.commit))
        return fetch_and_settle(service, arena, claim, &ecosystem, &push, &outcome, err);
    const struct fate fate = {.held = strcmp(decided.state, "held") == 0,
                              .version = decided.version,
                              .reason = decided.reason,
                              .findings = decided.findings};
    judge(arena, &push, ecosystem.branch, decided.head_oid, reachable, &fate, &outcome);
    return finish(service, arena, claim, &ecosystem, &outcome, err);
}
