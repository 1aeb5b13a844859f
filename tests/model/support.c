#include "support.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char support_base[] =
    "kind: Ecosystem\n"                                                                          /* 1 */
    "name: acme\n"                                                                               /* 2 */
    "owner: {repository: acme/model, branch: main}\n"                                            /* 3 */
    "vendors: [{name: MyCorp, cloud: private, locations: [USA/NY_1, EU/D1]}]\n"                  /* 4 */
    "zones: [{name: usa, owner: {repository: acme/usa, branch: main}}]\n"                        /* 5 */
    "---\n"                                                                                      /* 6 */
    "kind: GovernanceZone\n"                                                                     /* 7 */
    "name: usa\n"                                                                                /* 8 */
    "teams: [{name: sales, owner: {repository: acme/sales, branch: main}}]\n"                    /* 9 */
    "---\n"                                                                                      /* 10 */
    "kind: DataContainer\n"                                                                      /* 11 */
    "name: crm-db\n"                                                                             /* 12 */
    "type: postgres\n"                                                                           /* 13 */
    "host: crm.example.net\n"                                                                    /* 14 */
    "database: crm\n"                                                                            /* 15 */
    "locations: [\"MyCorp:USA/NY_1\"]\n"                                                         /* 16 */
    "storage: 20Gi\n"                                                                            /* 17 */
    "---\n"                                                                                      /* 18 */
    "{kind: Credential,\n"                                                                       /* 19 */
    "name: crm-reader,\n"                                                                        /* 20 */
    "type: user-password, containers: [crm-db]}\n"                                               /* 21 */
    "---\n"                                                                                      /* 22 */
    "kind: Datastore\n"                                                                          /* 23 */
    "name: customers\n"                                                                          /* 24 */
    "team: usa/sales\n"                                                                          /* 25 */
    "production: true\n"                                                                         /* 26 */
    "capture:\n"                                                                                 /* 27 */
    "  type: sql-snapshot\n"                                                                     /* 28 */
    "  container: crm-db\n"                                                                      /* 29 */
    "  credential: crm-reader\n"                                                                 /* 30 */
    "  schedule: \"*/10 * * * *\"\n"                                                             /* 31 */
    "datasets:\n"                                                                                /* 32 */
    "  - name: people\n"                                                                         /* 33 */
    "    classification: CPI\n"                                                                  /* 34 */
    "    columns:\n"                                                                             /* 35 */
    "      - {name: id, type: varchar(20), key: true}\n"                                         /* 36 */
    "      - {name: employer, type: varchar(100)}\n"                                             /* 37 */
    "---\n"                                                                                      /* 38 */
    "kind: Workspace\n"                                                                          /* 39 */
    "name: marketing\n"                                                                          /* 40 */
    "team: usa/sales\n"                                                                          /* 41 */
    "priority: high\n"                                                                           /* 42 */
    "groups:\n"                                                                                  /* 43 */
    "  - name: current\n"                                                                        /* 44 */
    "    platform: {milestoning: live, latency: minutes}\n"                                      /* 45 */
    "    sinks: [{store: customers, dataset: people, deprecation: never}]\n"                     /* 46 */
    "---\n"                                                                                      /* 47 */
    "kind: PlatformServiceProvider\n"                                                            /* 48 */
    "name: yellow-ny\n"                                                                          /* 49 */
    "namespace: yellow-ny\n"                                                                     /* 50 */
    "assembly: yellow-single-postgres\n"                                                         /* 51 */
    "merge: {container: crm-db, credential: crm-reader}\n"                                       /* 52 */
    "image: registry.example.net/yellow:1.0.0\n"                                                 /* 53 */
    "platforms: [{name: Live, milestoning: live}, {name: Forensic, milestoning: milestoned}]\n"; /* 54 */

static struct fixture load(const char *first, va_list args)
{
    struct fixture fixture = {.arena = arena_new()};
    fixture.findings.arena = fixture.arena;
    struct model_file files[16] = {{"transforms/mask.sql", STR("select 1")}};
    size_t n = 1;
    for (const char *text = first; text && n < 16; text = va_arg(args, const char *), n++)
        files[n] = (struct model_file){arena_printf(fixture.arena, "%c.yaml", 'a' + (int)n - 1), str_from(text)};
    fixture.model = model_load(fixture.arena, files, n, &fixture.findings);
    return fixture;
}

struct fixture support_load(const char *first, ...)
{
    va_list args;
    va_start(args, first);
    struct fixture fixture = load(first, args);
    va_end(args);
    findings_sort(&fixture.findings);
    return fixture;
}

struct fixture support_check(const char *first, ...)
{
    va_list args;
    va_start(args, first);
    struct fixture fixture = load(first, args);
    va_end(args);
    model_check(fixture.model, &fixture.findings);
    findings_sort(&fixture.findings);
    return fixture;
}

void support_end(struct fixture *fixture)
{
    arena_free(fixture->arena);
}

void support_expect(const struct fixture *fixture, const char *expected)
{
    struct buf out = {0};
    findings_print(&fixture->findings, &out);
    cr_expect_str_eq(buf_text(&out), expected);
    buf_dispose(&out);
}

char *support_with(const char *from, const char *to)
{
    const char *at = strstr(support_base, from);
    cr_assert_not_null(at, "the base has no \"%s\"", from);
    struct buf out = {0};
    buf_add(&out, support_base, (size_t)(at - support_base));
    buf_adds(&out, to);
    buf_adds(&out, at + strlen(from));
    return buf_take(&out);
}
