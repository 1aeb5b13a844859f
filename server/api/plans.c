#include "api/plans.h"

#include "api/app.h"
#include "api/job_json.h"
#include "api/reading.h"
#include "api/repositories.h"
#include "control/planning.h"
#include "store/repository.h"

#include <stdatomic.h>

/* A plan may fetch, and holds its thread meanwhile: so many at once, and no longer than that. */
enum { AT_ONCE = 2, FETCH_MS = 20000, REF_MAX = 255 };
static atomic_int running;

static int read_ref(struct http_request *req, struct http_response *res, const char **ref, const char **repo,
                    struct err *err)
{
    static const char *const members[] = {"ref", "repository", NULL};
    json_t *body;
    int rc = http_body_json(req, &body, err);
    if (rc)
        return rc;
    (void)body_members(req, res, body, "", members);
    (void)repositories_member(req, res, body, repo);
    *ref = json_text(body, "ref");
    if (!*ref || !**ref || strlen(*ref) > REF_MAX)
        http_add_problem(req, res, "/ref", "needed: a branch, or the id of a commit");
    return res->problem_count ? err_set(err, ERR_INVALID, "there is nothing to plan") : 0;
}

static int plan(struct http_request *req, struct http_response *res, const struct ecosystem_row *ecosystem,
                const char *ref, struct err *err)
{
    const struct app *app = app_of(req);
    struct git_limits limits = git_default_limits;
    limits.fetch_ms = FETCH_MS;
    const struct commit_service service = {.pool = app->pool,
                                           .snapshots = app->snapshots,
                                           .models = app->models,
                                           .library = app->library,
                                           .state_dir = app->state_dir,
                                           .limits = &limits,
                                           .fetch = app->fetch};
    struct planned planned;
    char oid[GIT_OID_TEXT];
    int rc = planning_find(&service, req->arena, ecosystem, ref, oid, err);
    if (rc == -ERR_INVALID)
        http_add_problem(req, res, "/ref", "%s", err->text);
    if (!rc)
        rc = planning_make(&service, req->arena, ecosystem, ref, oid, &planned, err);
    if (rc)
        return rc;
    http_reply_json(res, 200, planned.document);
    candidate_dispose(&planned.candidate);
    return 0;
}

int plans_post(struct http_request *req, struct http_response *res, struct err *err)
{
    const char *ref, *repo;
    struct reading reading;
    if (read_ref(req, res, &ref, &repo, err) != 0 || reading_begin(req, &reading, err) != 0)
        return -err->code;
    int rc =
        repo[0] ? repository_get(reading.pg, req->arena, reading.ecosystem.name, repo, &reading.ecosystem, err) : 0;
    reading_end(req, &reading);
    if (rc)
        return rc;
    rc = -ERR_BUSY;
    if (atomic_fetch_add(&running, 1) < AT_ONCE)
        rc = plan(req, res, &reading.ecosystem, ref, err);
    else
        (void)err_set(err, ERR_BUSY, "%d plans are being made already", AT_ONCE);
    atomic_fetch_sub(&running, 1);
    return rc;
}
