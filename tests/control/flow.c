#include "control/flow.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "control/commit_model.h"
#include "control/inbox.h"
#include "control/registry.h"

#include <criterion/criterion.h>
#include <stdlib.h>

const char flow_secret[] = "correct horse battery staple";

static void register_acme(struct flow *flow)
{
    json_t *secrets;
    cr_assert_eq(json_read(flow->arena, STR("[{\"env\":\"FLOW_SECRET\"}]"), &secrets, &flow->err), 0);
    struct ecosystem_row row = {.name = "acme", .url = flow->git.url, .branch = "main", .path = "", .secrets = secrets};
    cr_assert_eq(ecosystem_create(flow->pg, flow->arena, &row, &flow->err), 0, "%s", flow->err.text);
}

void flow_init(struct flow *flow)
{
    static const struct git_fetch_options fetch = {.executable = TEST_FETCHER};
    *flow = (struct flow){0};
    log_set_level(LOG_ERROR);
    setenv("FLOW_SECRET", flow_secret, 1);
    kit_init(&flow->git);
    kit_sh(&flow->git, "cp -r %s/examples/acme/. work/", SOURCE_DIR);
    flow->arena = arena_new();
    flow->url = test_database(flow->arena);
    flow->pg = test_connect(flow->url);
    flow->pool = pg_pool_new(&(struct pg_pool_options){
        .url = flow->url, .size = 6, .connect_deadline_ms = 10000, .take_deadline_ms = 10000, .statement_ms = 30000});
    flow->snapshots = snapshots_new(flow->pool);
    flow->models = commit_models_new((size_t)64 << 20);
    cr_assert_eq(stack_library_new(&flow->library, &flow->err), 0, "%s", flow->err.text);
    flow->options = (struct commit_worker_options){.service = {.pool = flow->pool,
                                                               .snapshots = flow->snapshots,
                                                               .models = flow->models,
                                                               .library = flow->library,
                                                               .state_dir = flow->git.root,
                                                               .fetch = &fetch},
                                                   .backoff_ms = 60000};
    flow->workers = commit_workers_new(&flow->options);
    register_acme(flow);
}

void flow_dispose(struct flow *flow)
{
    commit_workers_free(flow->workers);
    stack_library_free(flow->library);
    snapshots_free(flow->snapshots);
    commit_models_free(flow->models);
    pg_pool_free(flow->pool);
    pg_close(flow->pg);
    arena_free(flow->arena);
    kit_dispose(&flow->git);
}

const char *flow_push(struct flow *flow, const char *edit)
{
    if (edit)
        kit_sh(&flow->git, "cd work && %s", edit);
    return kit_push(&flow->git, "a change");
}

/* Text with each `from` become `to`. */
static struct str replaced(struct arena *arena, struct str text, const char *from, const char *to)
{
    struct buf *out = buf_new(arena);
    const char *at = text.data, *next;
    for (; (next = strstr(at, from)) != NULL; at = next + strlen(from)) {
        buf_add(out, at, (size_t)(next - at));
        buf_adds(out, to);
    }
    buf_adds(out, at);
    return buf_str(out);
}

struct str flow_payload(struct flow *flow, const char *ref, const char *commit)
{
    struct str text;
    cr_assert_eq(file_read(flow->arena, SOURCE_DIR "/tests/fixtures/github-push.json", 1 << 20, &text, &flow->err), 0);
    text = replaced(flow->arena, text, "refs/heads/main", ref);
    return replaced(flow->arena, text, "59b20b8d5c6ff8d09518454d4dd8b7b30f095ab5", commit);
}

const char *flow_signature(struct flow *flow, struct str body)
{
    unsigned char mac[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];
    crypto_hmac_sha256(str_from(flow_secret), body, mac);
    crypto_hex(mac, sizeof mac, hex);
    return arena_printf(flow->arena, "sha256=%s", hex);
}

int64_t flow_receive(struct flow *flow, const char *event, const char *forge_id, struct str body)
{
    return flow_receive_from(flow, "github", event, forge_id, body);
}

int64_t flow_receive_from(struct flow *flow, const char *name, const char *event, const char *forge_id, struct str body)
{
    const struct forge *forge = forge_find(name);
    const char *signature = flow_signature(flow, body);
    struct inbox_webhook webhook = {.ecosystem = "acme",
                                    .forge = forge,
                                    .signature = forge->signature == FORGE_HMAC    ? strchr(signature, '=') + 1
                                                 : forge->signature == FORGE_TOKEN ? flow_secret
                                                                                   : signature,
                                    .event = event,
                                    .forge_id = forge_id,
                                    .content_type = "application/json",
                                    .body = body};
    int64_t id = 0;
    bool fresh;
    cr_assert_eq(inbox_receive(flow->pool, flow->arena, &webhook, &id, &fresh, &flow->err), 0, "%s", flow->err.text);
    return id;
}

int64_t flow_receive_push(struct flow *flow, const char *commit)
{
    static int n;
    return flow_receive(flow, "push", arena_printf(flow->arena, "72d3162e-cc78-11e3-81ab-%012d", ++n),
                        flow_payload(flow, "refs/heads/main", commit));
}

size_t flow_work(struct flow *flow)
{
    bool worked = true;
    size_t turns = 0;
    while (worked) {
        cr_assert_eq(commit_workers_step(flow->workers, &worked, &flow->err), 0, "%s", flow->err.text);
        turns += worked;
    }
    return turns;
}

struct delivery_row flow_delivery(struct flow *flow, int64_t id)
{
    struct delivery_row row;
    cr_assert_eq(delivery_get(flow->pg, flow->arena, "acme", id, &row, &flow->err), 0, "%s", flow->err.text);
    return row;
}

const char *flow_value(struct flow *flow, const char *sql)
{
    struct pg_rows rows;
    cr_assert_eq(pg_query(flow->pg, flow->arena, sql, PG_ONE, &rows, &flow->err), 0, "%s", flow->err.text);
    return pg_text(&rows, 0, 0) ? pg_text(&rows, 0, 0) : "NULL";
}

void flow_sql(struct flow *flow, const char *sql)
{
    cr_assert_eq(pg_query(flow->pg, flow->arena, sql, PG_NONE, NULL, &flow->err), 0, "%s", flow->err.text);
}

void flow_expect(struct flow *flow, int64_t id, const char *state, const char *reason)
{
    struct delivery_row row = flow_delivery(flow, id);
    struct buf *findings = buf_new(flow->arena);
    if (row.findings)
        json_write(findings, row.findings);
    cr_assert_str_eq(row.state, state, "%s (%s) %s", row.state, row.reason ? row.reason : "", buf_text(findings));
    if (reason)
        cr_assert_str_eq(row.reason ? row.reason : "NULL", reason);
    else
        cr_assert_null(row.reason, "%s", row.reason);
}
