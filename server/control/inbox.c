#include "control/inbox.h"

#include "base/crypto.h"
#include "base/log.h"
#include "control/secret.h"
#include "http/metrics.h"
#include "store/delivery.h"
#include "store/repository.h"

METRIC_COUNTER(refused, "yellow_webhooks_refused_total", "Webhooks whose signature did not hold.", "");
METRIC_COUNTER(received, "yellow_webhooks_received_total", "Webhooks stored as deliveries.", "");

/* Of the heads that one version may let pass. */
enum { AGAIN_MAX = 50 };

uint64_t inbox_refused(void)
{
    return (uint64_t)metric_value(&refused);
}

bool inbox_signed(struct arena *arena, const struct forge *forge, const json_t *secrets, const char *signature,
                  struct str body)
{
    bool any = false;
    size_t tried = 0;
    for (size_t i = 0; i < json_array_size(secrets); i++) {
        struct str secret;
        struct err err = {0};
        if (secret_read(arena, json_array_get(secrets, i), &secret, &err) != 0) {
            log_event(LOG_WARN, "webhook secret unreadable", LOG_S("error", err.text), LOG_END);
            continue;
        }
        tried++;
        any |= forge_is_signed(forge, secret, signature, body);
        secret_wipe(secret);
    }
    if (!tried) { /* the same work, so that its absence does not show */
        unsigned char nobody[SECRET_MIN];
        crypto_random(nobody, sizeof nobody);
        (void)forge_is_signed(forge, (struct str){(const char *)nobody, sizeof nobody}, signature, body);
    }
    return any;
}

/* least: the smallest character it may hold. Events of GitLab are words with spaces. */
static int check_header(const char *name, const char *value, char least, struct err *err)
{
    if (!value)
        return err_set(err, ERR_SYNTAX, "header %s is absent", name);
    size_t len = strlen(value);
    if (!len || len > 200)
        return err_set(err, ERR_SYNTAX, "header %s has %zu bytes, not 1 to 200", name, len);
    for (size_t i = 0; i < len; i++)
        if (value[i] < least || value[i] > '~')
            return err_set(err, ERR_SYNTAX, "header %s holds something else than printable ASCII", name);
    return 0;
}

struct storing {
    struct delivery_new delivery;
    int64_t id;
    bool fresh;
};

static int store(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct storing *made = ctx;
    return delivery_add(pg, arena, &made->delivery, &made->id, &made->fresh, err);
}

int inbox_receive(struct pg_pool *pool, struct arena *arena, const struct inbox_webhook *webhook, int64_t *id,
                  bool *fresh, struct err *err)
{
    struct pg *pg;
    int rc = pg_pool_take(pool, &pg, err);
    if (rc)
        return rc;
    struct ecosystem_row ecosystem = {0};
    struct err why = {0};
    rc = repository_get(pg, arena, webhook->ecosystem, webhook->repo ? webhook->repo : "", &ecosystem, &why);
    pg_pool_give(pool, pg);
    if (rc && why.code != ERR_NOT_FOUND) {
        *err = why;
        return rc;
    }
    if (!inbox_signed(arena, webhook->forge, ecosystem.secrets, webhook->signature, webhook->body)) {
        metric_add(&refused, 1);
        return err_set(err, ERR_UNAUTHORIZED, "the signature of the webhook does not hold");
    }
    if ((rc = check_header(webhook->forge->event_header, webhook->event, ' ', err)) != 0 ||
        (rc = check_header(webhook->forge->id_header, webhook->forge_id, '!', err)) != 0)
        return rc;
    struct storing made = {.delivery = {webhook->ecosystem, webhook->forge->name, webhook->event, webhook->forge_id,
                                        webhook->content_type ? webhook->content_type : "", webhook->body,
                                        webhook->repo}};
    rc = pg_pool_transaction(pool, arena, store, &made, err);
    if (rc)
        return rc;
    metric_add(&received, made.fresh);
    *id = made.id;
    *fresh = made.fresh;
    return 0;
}

int inbox_ask(struct pg *pg, struct arena *arena, const char *ecosystem, const char *repo, const char *event,
              int64_t *id, struct err *err)
{
    unsigned char random[16];
    char forge_id[2 * sizeof random + 1];
    bool fresh;
    crypto_random(random, sizeof random);
    crypto_hex(random, sizeof random, forge_id);
    struct delivery_new delivery = {ecosystem, "api", event, forge_id, "application/json", STR("{}"), repo};
    return delivery_add(pg, arena, &delivery, id, &fresh, err);
}

int inbox_ask_merge(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t *id, struct err *err)
{
    return inbox_ask(pg, arena, ecosystem, "", "merge", id, err);
}

int inbox_ask_again(struct pg *pg, struct arena *arena, const char *ecosystem, const char *but, struct err *err)
{
    const char *const *names;
    size_t count;
    int64_t id;
    int rc = repository_again(pg, arena, ecosystem, but, AGAIN_MAX, &names, &count, err);
    for (size_t i = 0; i < count && !rc; i++)
        rc = inbox_ask(pg, arena, ecosystem, names[i], "retry", &id, err);
    return rc;
}

int inbox_add_missed(struct pg *pg, struct arena *arena, const struct ecosystem_row *ecosystem, const char *head,
                     int64_t *id, bool *fresh, struct err *err)
{
    const char *forge_id = arena_printf(arena, "%s after %lld", head, (long long)ecosystem->head_delivery);
    json_t *payload = json_own(arena, json_pack("{s:s, s:s, s:o}", "found", "by polling: no webhook told of it", "head",
                                                head, "decided_head", json_text_or_null(ecosystem->head_oid)));
    struct buf *text = buf_new(arena);
    json_write(text, payload);
    struct delivery_new delivery = {ecosystem->name,    "poll",        "poll",         forge_id,
                                    "application/json", buf_str(text), ecosystem->repo};
    return delivery_add(pg, arena, &delivery, id, fresh, err);
}
