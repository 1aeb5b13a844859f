#include "cli/command.h"
#include "cli/control.h"
#include "ingest/ledger.h"
#include "ingest/psp_views.h"
#include "ingest/target.h"

#include <stdio.h>

/* `yellow views reconcile`: a PSP's views as the model in force has them, without waiting for batches. */

struct reconciling {
    const struct view_scope *scope;
    bool dry;
    struct view_changes changes;
    struct arena *arena; /* of the changes */
};

static int reconcile_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct reconciling *r = ctx;
    (void)arena;
    return view_reconcile(pg, r->arena, r->scope, r->dry, &r->changes, err);
}

static void print_changes(const struct view_changes *changes, json_t *list)
{
    for (size_t i = 0; i < changes->count; i++) {
        const struct view_change *change = &changes->items[i];
        if (list)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "action", change->action, "schema",
                                                  change->schema, "name", change->name, "why", change->why));
        else
            (void)printf("%-6s  %s.%s: %s\n", change->action, change->schema, change->name, change->why);
    }
}

static int run(const struct cli_args *args, struct err *err)
{
    struct arena *arena = args->arena;
    struct server server;
    struct server_answer answer;
    struct psp_views views;
    struct pg *pg = NULL;
    json_t *list = cli_has(args, "json") ? json_own(arena, json_array()) : NULL;
    const char *ecosystem = cli_value(args, "ecosystem"), *psp = cli_value(args, "psp");
    if (control_check_name("ecosystem", ecosystem, false, err) != 0 ||
        control_check_name("psp", psp, false, err) != 0 || control_open(args, &server, err) != 0)
        return -err->code;
    const struct server_call call = {.method = HTTP_GET,
                                     .path = arena_printf(arena, "/v1/ecosystems/%s/psps/%s/views", ecosystem, psp)};
    if (server_send(&server, arena, &call, &answer, err) != 0 || psp_views_read(arena, answer.json, &views, err) != 0 ||
        target_connect(arena, views.merge, views.merge_credential, "yellow views", &pg, err) != 0)
        return -err->code;
    int rc = ledger_prepare(pg, arena, err);
    for (size_t i = 0; !rc && i < views.platform_count; i++) {
        struct reconciling r = {.scope = &views.platforms[i].scope, .dry = cli_has(args, "dry-run"), .arena = arena};
        rc = pg_transaction(pg, arena, reconcile_tx, &r, err);
        if (!rc)
            print_changes(&r.changes, list);
    }
    pg_close(pg);
    if (!rc && list) {
        struct buf *text = buf_new(arena);
        json_write(text, list);
        (void)puts(buf_text(text));
    }
    return rc;
}

static const struct cli_option options[] = {
    {"ecosystem", "NAME", "the ecosystem", CLI_REQUIRED},
    {"psp", "NAME", "the PlatformServiceProvider", CLI_REQUIRED},
    {"dry-run", NULL, "say what would change", 0},
    {"json", NULL, "as JSON", 0},
    CONTROL_OPTIONS("model:read"),
    {0},
};

const struct command cmd_views_reconcile = {.name = "views reconcile",
                                            .summary = "make the views of a PSP's workspaces as the model has them",
                                            .options = options,
                                            .run = run};
