#include "model/ownership.h"

#include "model/checks.h"
#include "support.h"

#include <stdlib.h>

#define COLUMNS "columns: [{name: id, type: int64, key: true}]"
#define STORE(name, team)                                                                                              \
    "kind: Datastore\nname: " name "\nteam: " team "\ncapture: {type: sql-snapshot, container: shared-db, schedule: "  \
    "external}\ndatasets: [{name: d, " COLUMNS "}]\n---\n"
#define ECOSYSTEM                                                                                                      \
    "kind: Ecosystem\nname: acme\nowner: {repository: acme/model, branch: main}\n"                                     \
    "vendors: [{name: MyCorp, locations: [USA/NY_1]}]\n"                                                               \
    "zones:\n  - {name: usa, owner: {repository: acme/usa, branch: main}}\n"                                           \
    "  - {name: eu, owner: {repository: acme/eu, branch: main}}\n---\n"
#define ZONE                                                                                                           \
    "kind: GovernanceZone\nname: usa\nteams:\n  - {name: sales, owner: {repository: acme/sales, branch: main}}\n"      \
    "  - {name: it, owner: {repository: acme/it, branch: release}}\npolicies: {classifications: {deny: [PC2]}}\n---\n"
#define PSP                                                                                                            \
    "kind: PlatformServiceProvider\nname: ny\nnamespace: ny\nassembly: yellow-single-postgres\nmerge: {container: "    \
    "shared-db, credential: shared}\nimage: i\nplatforms: [{name: Live, milestoning: live}]\n---\n"
#define SHARED                                                                                                         \
    "kind: DataContainer\nname: shared-db\ntype: postgres\nhost: h\ndatabase: d\nstorage: 1Gi\n---\n"                  \
    "kind: Credential\nname: shared\ntype: user-password\n---\n"
#define OWN                                                                                                            \
    "kind: DataContainer\nname: sales-db\nteam: usa/sales\ntype: postgres\nhost: h\ndatabase: d\nstorage: 1Gi\n---\n"  \
    "kind: Credential\nname: sales-reader\nteam: usa/sales\ntype: user-password\n---\n"
#define WORKSPACE                                                                                                      \
    "kind: Workspace\nname: desk\nteam: usa/it\ngroups: [{name: g, platform: {name: Live}, sinks: [{store: orders, "   \
    "dataset: d}]}]\ntransformer: {name: t, code: {type: sql, file: t.sql}, output: made}\n---\n"                      \
    "kind: Datastore\nname: made\nteam: usa/it\ndatasets: [{name: d, " COLUMNS "}]\n---\n"
#define COMPONENT "kind: Component\nname: own\n---\n"
#define ALL ECOSYSTEM ZONE PSP SHARED OWN STORE("orders", "usa/sales") WORKSPACE COMPONENT

static const struct owner model_owner = {"acme/model", "main"}, zone_owner = {"acme/usa", "main"},
                          eu_owner = {"acme/eu", "main"}, sales_owner = {"acme/sales", "main"},
                          it_owner = {"acme/it", "release"};
static const struct owner *const pushers[] = {&model_owner, &zone_owner, &eu_owner, &sales_owner, &it_owner};

/* Text with `from` in it replaced by `to`; from "" puts it at the end. On the arena. */
static const char *edited(struct arena *arena, const char *text, const char *from, const char *to)
{
    if (!from[0])
        return arena_printf(arena, "%s%s", text, to);
    const char *at = strstr(text, from);
    cr_assert_not_null(at, "there is no \"%s\"", from);
    return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

struct pair {
    struct arena *arena;
    struct findings findings;
    const char *before_sql, *after_sql;
};

static struct model *load(struct pair *pair, const char *text, const char *sql, const char *template)
{
    struct model_file files[] = {{"a.yaml", str_from(text)}, {"t.sql", str_from(sql)}, {"x.j2", str_from(template)}};
    struct model *model = model_load(pair->arena, files, 3, &pair->findings);
    cr_assert_eq(pair->findings.errors, 0, "%s", pair->findings.list.items[0].text);
    return model;
}

static struct pair begin(void)
{
    struct pair pair = {.arena = arena_new()};
    pair.findings.arena = pair.arena;
    return pair;
}

static void expect_findings(const char *before, const char *from, const char *to, const struct owner *pusher,
                            const char *expected)
{
    struct pair pair = begin();
    const struct model *old = load(&pair, before, "select 1", ""),
                       *new = load(&pair, edited(pair.arena, before, from, to), "select 1", "");
    struct buf out = {0};
    ownership_check(old, new, pusher, &pair.findings);
    findings_sort(&pair.findings);
    findings_print(&pair.findings, &out);
    cr_expect_str_eq(buf_text(&out), expected);
    buf_dispose(&out);
    arena_free(pair.arena);
}

/* Every part, each way to change it, and whose it is. */
static const struct {
    const char *part, *from, *to;
    const struct owner *owner;
} changes[] = {
    {"vendors", "locations: [USA/NY_1]", "locations: [USA/NY_1, EU/D1]", &model_owner},
    {"its own owner", "owner: {repository: acme/model,", "owner: {repository: acme/new,", &model_owner},
    {"a zone's declaration", "repository: acme/usa,", "repository: acme/us,", &model_owner},
    {"a new zone", "zones:\n", "zones:\n  - {name: asia, owner: {repository: acme/asia, branch: main}}\n",
     &model_owner},
    {"a zone that goes", "  - {name: eu, owner: {repository: acme/eu, branch: main}}\n", "", &model_owner},
    {"a PSP", "image: i\n", "image: j\n", &model_owner},
    {"a PSP that goes", PSP, "", &model_owner},
    {"a new PSP", "",
     "kind: PlatformServiceProvider\nname: sf\nnamespace: sf\nassembly: a\nmerge: {container: a, "
     "credential: b}\nimage: i\nplatforms: []\n",
     &model_owner},
    {"a shared container", "name: shared-db\ntype: postgres\nhost: h", "name: shared-db\ntype: postgres\nhost: i",
     &model_owner},
    {"a new shared credential", "", "kind: Credential\nname: c\ntype: token\n", &model_owner},
    {"a component", "name: own\n", "name: own\ndoc: x\n", &model_owner},
    {"a component that goes", COMPONENT, "", &model_owner},
    {"a zone's policy", "deny: [PC2]", "deny: [PC1]", &zone_owner},
    {"a team's declaration", "repository: acme/sales,", "repository: acme/sale,", &zone_owner},
    {"a new team", "teams:\n", "teams:\n  - {name: hr, owner: {repository: acme/hr, branch: main}}\n", &zone_owner},
    {"a zone's definition that goes", ZONE, "", &zone_owner},
    {"a zone that is defined", "", "kind: GovernanceZone\nname: eu\n", &eu_owner},
    {"a store", "name: orders\nteam: usa/sales\n", "name: orders\nteam: usa/sales\nproduction: true\n", &sales_owner},
    {"a store that goes", STORE("orders", "usa/sales"), "", &sales_owner},
    {"a new store", "", STORE("more", "usa/sales"), &sales_owner},
    {"a team's container", "name: sales-db\nteam: usa/sales\ntype: postgres\nhost: h",
     "name: sales-db\nteam: usa/sales\ntype: postgres\nhost: i", &sales_owner},
    {"a team's new container", "", "kind: DataContainer\nname: other\nteam: usa/sales\ntype: http\nurl: http://a\n",
     &sales_owner},
    {"a team's credential", "team: usa/sales\ntype: user-password", "team: usa/sales\ntype: token", &sales_owner},
    {"a workspace", "name: desk\nteam: usa/it\n", "name: desk\nteam: usa/it\npriority: low\n", &it_owner},
    {"a workspace that goes", WORKSPACE, "", &it_owner},
    {"a new workspace", "",
     "kind: Workspace\nname: w\nteam: usa/it\ngroups: [{name: g, platform: {name: Live}, sinks: []}]\n", &it_owner},
};

Test(ownership, each_part_is_changed_by_its_owner_alone)
{
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        for (size_t p = 0; p < sizeof pushers / sizeof *pushers; p++) {
            struct pair pair = begin();
            const struct model *old = load(&pair, ALL, "select 1", ""),
                               *new =
                                   load(&pair, edited(pair.arena, ALL, changes[i].from, changes[i].to), "select 1", "");
            ownership_check(old, new, pushers[p], &pair.findings);
            size_t refused = 0;
            vec_each(finding, &pair.findings.list) refused += strcmp(finding->code, "not-owner") == 0;
            if (pushers[p] == changes[i].owner)
                cr_expect_eq(refused, 0, "%s is refused to %s", changes[i].part, pushers[p]->repository);
            else
                cr_expect_gt(refused, 0, "%s is left to %s", changes[i].part, pushers[p]->repository);
            arena_free(pair.arena);
        }
}

Test(ownership, a_file_is_changed_by_the_owner_of_what_names_it)
{
    static const struct {
        const char *sql, *template;
        const struct owner *owner;
    } files[] = {{"select 2", "", &it_owner}, {"select 1", "a template", &model_owner}};
    for (size_t i = 0; i < 2; i++)
        for (size_t p = 0; p < sizeof pushers / sizeof *pushers; p++) {
            struct pair pair = begin();
            const struct model *old = load(&pair, ALL, "select 1", ""),
                               *new = load(&pair, ALL, files[i].sql, files[i].template);
            ownership_check(old, new, pushers[p], &pair.findings);
            cr_expect_eq(pair.findings.errors, pushers[p] != files[i].owner, "%zu %s", i, pushers[p]->repository);
            arena_free(pair.arena);
        }
}

Test(ownership, the_finding_says_whose_it_is_and_whose_push_it_was)
{
    expect_findings(
        ALL, "name: orders\nteam: usa/sales\n", "name: orders\nteam: usa/sales\nproduction: true\n", &it_owner,
        "a.yaml:48:1: error: Datastore \"orders\" is changed by \"acme/it\", branch \"release\", and belongs "
        "to \"acme/sales\", branch \"main\" [not-owner]\n  hint: push it there, or ask the owner\n");
}

Test(ownership, owners_are_compared_byte_for_byte)
{
    static const struct {
        const char *repository, *branch;
        bool alike;
    } attacks[] = {
        {"Acme/sales", "main", true},  /* case */
        {"acme/sales ", "main", true}, /* a space */
        {" acme/sales", "main", true},
        {"acme/sa\xe2\x80\x8bles", "main", true}, /* a zero-width space */
        {"acm\xd0\xb5/sales", "main", true},      /* Cyrillic ie */
        {"acme/s\xd0\xb0les", "main", true},      /* Cyrillic a */
        {"acme\xe2\x88\x95sales", "main", true},  /* a division slash */
        {"acme/\xef\xbd\x93"
         "ales",
         "main", true},               /* full width s */
        {"acme/sa1es", "main", true}, /* one for l */
        {"acme/saIes", "main", true}, /* upper-case i for l */
        {"acme/sales.git", "main", false},
        {"acme/sales/", "main", false},
        {"evil/acme/sales", "main", false},
        {"acme/sale", "main", false},
        {"acme/sales", "Main", true},
        {"acme/sales", "m\xd0\xb0in", true},
        {"acme/sales", "refs/heads/main", false},
        {"acme/sales", "", false},
        {"", "main", false},
    };
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        const struct owner pusher = {attacks[i].repository, attacks[i].branch};
        struct pair pair = begin();
        const struct model *old = load(&pair, ALL, "", ""), *new = load(&pair, ALL STORE("more", "usa/sales"), "", "");
        ownership_check(old, new, &pusher, &pair.findings);
        cr_assert_eq(pair.findings.errors, 1, "%s %s", pusher.repository, pusher.branch);
        const struct finding *finding = &pair.findings.list.items[0];
        cr_expect_str_eq(finding->code, "not-owner");
        cr_expect_str_eq(finding->hint,
                         attacks[i].alike ? "the two look alike and are not the same: owners are compared byte for byte"
                                          : "push it there, or ask the owner",
                         "%s %s", pusher.repository, pusher.branch);
        arena_free(pair.arena);
    }
}

Test(ownership, a_model_of_one_repository_is_changed_by_it)
{
    struct pair pair = begin();
    char *text = strdup(ALL);
    static const char *const others[] = {"acme/usa", "acme/sales", "acme/eu"};
    const char *one = text;
    for (size_t i = 0; i < 3; i++)
        one = edited(pair.arena, one, others[i], "acme/model");
    one = edited(pair.arena, one, "acme/it, branch: release", "acme/model, branch: main");
    const struct model *old = load(&pair, one, "select 1", "");
    const char *next = edited(pair.arena, one, "deny: [PC2]", "deny: [PC1]");
    next = edited(pair.arena, next, "name: orders\nteam: usa/sales\n", "name: orders\nteam: usa/it\n");
    next = edited(pair.arena, next, "image: i\n", "image: j\n");
    const struct model *new = load(&pair, next, "select 2", "x");
    ownership_check(old, new, &model_owner, &pair.findings);
    cr_expect_eq(pair.findings.list.len, 0);
    free(text);
    arena_free(pair.arena);
}

Test(ownership, a_commit_changes_parts_of_one_owner)
{
    expect_findings(
        ALL, "deny: [PC2]}}\n", "deny: [PC1]}}\n---\n" STORE("more", "usa/sales"), &zone_owner,
        "a.yaml:16:1: error: Datastore \"more\" is added by \"acme/usa\", branch \"main\", and belongs to "
        "\"acme/sales\", branch \"main\" [not-owner]\n  hint: push it there, or ask the owner\n"
        "error: the commit changes parts of 2 owners: \"acme/usa\", branch \"main\"; \"acme/sales\", branch "
        "\"main\" [several-owners]\n  hint: make one commit for each owner\n");
}

Test(ownership, a_part_is_not_given_to_another_team_by_one_side)
{
    static const char from[] = "name: orders\nteam: usa/sales\n", to[] = "name: orders\nteam: usa/it\n";
    for (size_t p = 0; p < sizeof pushers / sizeof *pushers; p++) {
        struct pair pair = begin();
        const struct model *old = load(&pair, ALL, "", ""),
                           *new = load(&pair, edited(pair.arena, ALL, from, to), "", "");
        ownership_check(old, new, pushers[p], &pair.findings);
        cr_expect_gt(pair.findings.errors, 1, "%s", pushers[p]->repository);
        arena_free(pair.arena);
    }
}

Test(ownership, the_owner_in_force_judges_not_the_one_that_is_pushed)
{
    /* a push that makes itself the owner of what it changes */
    expect_findings(ALL, "repository: acme/sales,", "repository: acme/it,", &it_owner,
                    "a.yaml:9:1: error: GovernanceZone \"usa\" is changed by \"acme/it\", branch \"release\", and "
                    "belongs to \"acme/usa\", branch \"main\" [not-owner]\n  hint: push it there, or ask the owner\n");
    expect_findings(ALL, "owner: {repository: acme/model,", "owner: {repository: acme/usa,", &zone_owner,
                    "a.yaml:1:1: error: Ecosystem \"acme\" is changed by \"acme/usa\", branch \"main\", and belongs to "
                    "\"acme/model\", branch \"main\" [not-owner]\n  hint: push it there, or ask the owner\n");
    /* another Ecosystem in place of the one in force */
    expect_findings(ALL, "name: acme\nowner: {repository: acme/model,", "name: evil\nowner: {repository: acme/usa,",
                    &zone_owner,
                    "a.yaml:1:1: error: Ecosystem \"acme\" is removed by \"acme/usa\", branch \"main\", and belongs to "
                    "\"acme/model\", branch \"main\" [not-owner]\n  hint: push it there, or ask the owner\n"
                    "a.yaml:1:1: error: Ecosystem \"evil\" is added by \"acme/usa\", branch \"main\", and belongs to "
                    "\"acme/model\", branch \"main\" [not-owner]\n  hint: push it there, or ask the owner\n");
}

Test(ownership, what_is_declared_and_defined_at_once_belongs_to_the_owner_declared)
{
    /* the zone may declare a team, and not fill it in another owner's name */
    expect_findings(
        ALL, "policies:", "  - {name: hr, owner: {repository: acme/hr, branch: main}}\npolicies:", &zone_owner, "");
    expect_findings(
        ALL, "policies: {classifications: {deny: [PC2]}}\n---\n",
        "  - {name: hr, owner: {repository: acme/hr, branch: main}}\npolicies: {classifications: {deny: [PC2]}}\n"
        "---\n" STORE("people", "usa/hr"),
        &zone_owner,
        "a.yaml:17:1: error: Datastore \"people\" is added by \"acme/usa\", branch \"main\", and belongs to "
        "\"acme/hr\", "
        "branch \"main\" [not-owner]\n  hint: push it there, or ask the owner\n"
        "error: the commit changes parts of 2 owners: \"acme/usa\", branch \"main\"; \"acme/hr\", branch \"main\" "
        "[several-owners]\n  hint: make one commit for each owner\n");
}

Test(ownership, a_declaration_stays_while_its_definition_stands)
{
    expect_findings(ALL, "  - {name: usa, owner: {repository: acme/usa, branch: main}}\n", "", &model_owner,
                    "a.yaml:1:1: error: zone \"usa\" is no longer declared, and GovernanceZone \"usa\" stands "
                    "[standing-definition]\n"
                    "  hint: first its owner removes what stands (at a.yaml:8), then the declaration goes\n");
    expect_findings(ALL, "  - {name: sales, owner: {repository: acme/sales, branch: main}}\n", "", &zone_owner,
                    "a.yaml:9:1: error: team \"usa/sales\" is no longer declared, and DataContainer \"sales-db\" and 2 "
                    "more stand [standing-definition]\n"
                    "  hint: first its owner removes what stands (at a.yaml:34), then the declaration goes\n");
}

Test(ownership, of_a_first_version_the_ecosystem_is_its_owners)
{
    struct pair pair = begin();
    const struct model *new = load(&pair, ALL, "", "");
    ownership_check(NULL, new, &model_owner, &pair.findings);
    cr_expect_eq(pair.findings.list.len, 0);
    ownership_check(NULL, new, &zone_owner, &pair.findings);
    cr_assert_eq(pair.findings.list.len, 1);
    cr_expect_str_eq(pair.findings.list.items[0].text, "Ecosystem \"acme\" is added by \"acme/usa\", branch \"main\", "
                                                       "and belongs to \"acme/model\", branch \"main\"");
    arena_free(pair.arena);
}

Test(ownership, nothing_that_stays_is_judged)
{
    static const struct owner nobody = {"evil/repo", "main"};
    expect_findings(ALL, "kind: Ecosystem", "# moved down\n\nkind: Ecosystem", &nobody, "");
}
