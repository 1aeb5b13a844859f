#include "control/reporter.h"

#include "base/log.h"
#include "base/time.h"
#include "control/registry.h"
#include "git/credential.h"
#include "store/report.h"
#include "store/repository.h"

enum {
    LEASE_MS = 60000,
    DEADLINE_MS = 20000,
    BACKOFF_MS = 2000,
    BACKOFF_MAX_MS = 600000,
    LIMITED_MS = 60000, /* where a limit is spent and the forge does not say until when: GitHub asks for a minute */
    LIMITED_MAX_MS = 3600000,
    GIVE_UP_MS = 24 * 3600 * 1000,
    LOOK_MS = 1000
};

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_text(object, key);
    return text ? text : "";
}

/* The host of a URL without its port. */
static struct str host_of(const char *url)
{
    const char *host = strstr(url, "://");
    host = host ? host + 3 : "";
    return (struct str){host, strcspn(host, ":/?#")};
}

static bool is_safe(const char *api)
{
    struct str host = host_of(api);
    bool here = str_eqz(host, "127.0.0.1") || str_eqz(host, "localhost");
    return host.len && !strchr(api, '@') && !strpbrk(api, "?#") &&
           (str_starts(str_from(api), STR("https://")) || (here && str_starts(str_from(api), STR("http://"))));
}

int reporter_address(struct arena *arena, const json_t *forge, const char *repository, struct forge_address *out,
                     struct err *err)
{
    const char *kind = text_of(forge, "kind"), *api = text_of(forge, "api"), *name = text_of(forge, "repository");
    int rc = forge_get(kind, ERR_INVALID, &out->forge, err);
    if (rc)
        return rc;
    out->api = *api ? api : forge_default_api(out->forge);
    if (!out->api)
        return err_set(err, ERR_INVALID, "%s needs the address of its api", kind);
    if (!is_safe(out->api))
        return err_set(err, ERR_INVALID, "the forge's api is at an https:// address without user and query");
    size_t len = strlen(out->api);
    out->api = arena_strndup(arena, out->api, len - (out->api[len - 1] == '/'));
    out->repository = *name ? name : repository;
    if (!out->repository || !*out->repository)
        return err_set(err, ERR_INVALID, "the forge's name of the repository is needed, such as \"acme/data-model\"");
    json_t *token = json_object_get(forge, "token");
    out->token = json_string_value(token);
    if (token && !(out->token && str_is_name(str_from(out->token))))
        return err_set(err, ERR_INVALID,
                       "the forge's token is the name of one that the server has, not the token itself");
    return 0;
}

int reporter_token(struct arena *arena, const struct forge_address *address, const char **out, struct err *err)
{
    struct str host = host_of(address->api);
    const char *user;
    if (address->token)
        return git_credential_named(arena, address->token, host, out, err);
    if (git_credential_token(arena, host, &user, out) == 0)
        return 0;
    (void)err_set(err, ERR_UNAUTHORIZED, "no token for " STR_FMT, STR_ARG(host));
    return err_hint(err, "YELLOW_GIT_TOKEN_FILE has lines of host and token");
}

int reporter_tell(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository,
                  const struct delivery_outcome *outcome, struct err *err)
{
    static const struct {
        const char *outcome;
        enum forge_state state;
    } told[] = {{"merged", FORGE_SUCCESS}, {"held", FORGE_PENDING}, {"rejected", FORGE_FAILURE}};
    size_t i = 0, n = sizeof told / sizeof *told;
    while (i < n && strcmp(told[i].outcome, outcome->state) != 0)
        i++;
    if (!outcome->commit_oid || i == n)
        return 0;
    const char *description = outcome->shown ? outcome->shown : outcome->reason ? outcome->reason : outcome->state;
    if (told[i].state == FORGE_SUCCESS && !outcome->shown)
        description = arena_printf(arena, "version %d is in force", outcome->version);
    json_t *content =
        json_own(arena, json_pack("{s:s, s:s}", "state", forge_state_names[told[i].state], "description", description));
    return report_put(pg, arena, repository, "status", outcome->commit_oid, content, err);
}

static int prepare(struct arena *arena, const struct ecosystem_row *ecosystem, const struct report_claim *claim,
                   struct http_client_request *out, struct err *err)
{
    struct forge_address address;
    const char *token;
    int rc = reporter_address(arena, ecosystem->forge, registry_repository(arena, ecosystem), &address, err);
    if (!rc)
        rc = reporter_token(arena, &address, &token, err);
    if (rc)
        return rc;
    if (strcmp(claim->kind, "comment") == 0) {
        forge_comment_request(arena, &address, claim->subject, claim->remote_id, text_of(claim->content, "text"), out);
    } else {
        enum forge_state state = FORGE_PENDING;
        while (state < FORGE_FAILURE && strcmp(forge_state_names[state], text_of(claim->content, "state")) != 0)
            state++;
        forge_status_request(arena, &address, claim->subject, state, arena_printf(arena, "yellow/%s", ecosystem->name),
                             text_of(claim->content, "description"), out);
    }
    const char **headers = arena_calloc(arena, 8, sizeof *headers);
    size_t n = 0;
    while (out->headers[n]) {
        headers[n] = out->headers[n];
        n++;
    }
    headers[n] = forge_auth_header(arena, address.forge, token);
    out->headers = headers;
    out->deadline_ms = DEADLINE_MS;
    out->proxy = true;
    return 0;
}

/* Doubled with each attempt after the first. */
static int64_t backoff(int attempts, int64_t ms, int64_t most)
{
    while (--attempts > 0 && ms < most)
        ms *= 2;
    return ms < most ? ms : most;
}

/* What became of one report. */
struct sending {
    bool sent;
    const char *id; /* of the comment that was made, or NULL */
    struct report_failure failure;
    int64_t quiet_ms; /* so long the API is to be left alone */
};

static void send(struct arena *arena, const struct ecosystem_row *ecosystem, const struct report_claim *claim,
                 struct sending *out)
{
    struct report_failure *failure = &out->failure;
    struct http_client_request request;
    struct http_client_response response;
    struct err err = {0};
    int64_t wait_ms = 0;
    *out = (struct sending){.failure = {.delay_ms = backoff(claim->attempts, BACKOFF_MS, BACKOFF_MAX_MS),
                                        .give_up = claim->age_ms > GIVE_UP_MS}};
    if (prepare(arena, ecosystem, claim, &request, &err) != 0) {
        failure->give_up = err.code == ERR_INVALID;
        failure->text = arena_strdup(arena, err.text);
        return;
    }
    if (http_client_send(arena, &request, &response, &err) != 0) {
        failure->text = arena_strdup(arena, err.text);
        return;
    }
    enum forge_answer answer = forge_read_answer(&response, time_now_us() / 1000000, &wait_ms);
    out->sent = answer == FORGE_DONE;
    if (out->sent && strcmp(claim->kind, "comment") == 0 && !claim->remote_id)
        out->id = forge_comment_id(arena, response.body);
    if (answer == FORGE_LIMITED && !wait_ms)
        wait_ms = backoff(claim->attempts, LIMITED_MS, LIMITED_MAX_MS);
    out->quiet_ms = out->sent || answer == FORGE_LIMITED ? wait_ms : 0;
    failure->text = arena_printf(arena, "the forge answered %d", response.status);
    failure->forget_remote = answer == FORGE_GONE && claim->remote_id;
    failure->give_up = failure->give_up || answer == FORGE_REFUSED || (answer == FORGE_GONE && !claim->remote_id);
    if (wait_ms > failure->delay_ms)
        failure->delay_ms = wait_ms;
}

static int keep(struct pg *pg, struct arena *arena, const struct report_claim *claim, const struct sending *sending,
                struct err *err)
{
    int rc = sending->quiet_ms ? report_limit(pg, arena, claim, sending->quiet_ms, err) : 0;
    if (rc)
        return rc;
    return sending->sent ? report_sent(pg, arena, claim, sending->id, err)
                         : report_failed(pg, arena, claim, &sending->failure, err);
}

static int work_on(struct pg_pool *pool, struct arena *arena, const struct report_claim *claim, struct err *err)
{
    struct ecosystem_row ecosystem;
    struct sending sending;
    struct pg *pg;
    int rc = pg_pool_take(pool, &pg, err);
    if (rc)
        return rc;
    rc = repository_get(pg, arena, claim->ecosystem, claim->repo, &ecosystem, err);
    pg_pool_give(pool, pg);
    if (rc)
        return rc;
    send(arena, &ecosystem, claim, &sending);
    if (!sending.sent)
        log_event(sending.failure.give_up ? LOG_ERROR : LOG_WARN, "forge not told",
                  LOG_S("ecosystem", claim->ecosystem), LOG_S("kind", claim->kind), LOG_S("subject", claim->subject),
                  LOG_S("error", sending.failure.text), LOG_END);
    if ((rc = pg_pool_take(pool, &pg, err)) != 0)
        return rc;
    rc = keep(pg, arena, claim, &sending, err);
    pg_pool_give(pool, pg);
    return rc;
}

int reporter_step(void *ctx, bool *worked, struct err *err)
{
    struct arena *arena = arena_new();
    struct report_claim claim;
    struct pg *pg;
    *worked = false;
    int rc = pg_pool_take(ctx, &pg, err);
    if (!rc) {
        rc = report_claim(pg, arena, LEASE_MS, &claim, worked, err);
        pg_pool_give(ctx, pg);
    }
    if (!rc && *worked)
        rc = work_on(ctx, arena, &claim, err);
    arena_free(arena);
    return rc;
}

int reporter_wait(void *ctx, int64_t *ms, struct err *err)
{
    (void)ctx;
    (void)err;
    *ms = LOOK_MS;
    return 0;
}
