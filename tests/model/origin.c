#include "model/origin.h"

#include "model/checks.h"
#include "model/ownership.h"
#include "model/unit.h"

#include <criterion/criterion.h>

static struct arena *arena;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(origin, .init = setup, .fini = teardown);

Test(origin, a_path_says_whose_it_is)
{
    cr_assert(str_eqz(origin_of("//sales/teams/a.yaml"), "sales"));
    cr_assert_str_eq(origin_path("//sales/teams/a.yaml"), "teams/a.yaml");
    cr_assert_eq(origin_of("teams/a.yaml").len, 0);
    cr_assert_str_eq(origin_path("teams/a.yaml"), "teams/a.yaml");
    cr_assert_eq(origin_of("/usr/share/a.yaml").len, 0, "a path of this machine is no repository's");
    cr_assert_eq(origin_of(NULL).len, 0);
    cr_assert_str_eq(origin_prefix(arena, "sales"), "//sales/");
    cr_assert_str_eq(origin_prefix(arena, ""), "");
    cr_assert(origin_same("//sales/a.yaml", "//sales/b.yaml"));
    cr_assert_not(origin_same("//sales/a.yaml", "//sales2/a.yaml"));
    cr_assert_not(origin_same("//sales/a.yaml", "a.yaml"));
}

#define OWNER(name) "owner: {repository: " name ", branch: main}"
static const char own[] = "kind: Ecosystem\nname: acme\n" OWNER("acme/model") "\nzones: [{name: usa, " OWNER(
    "acme/usa") "}]\n---\nkind: GovernanceZone\nname: usa\nteams:\n  - "
                "{name: sales, " OWNER("acme/sales") "}\n---\nkind: "
                                                     "Credential\nname: "
                                                     "shared\ntype: "
                                                     "token\n";
static const char sales[] = "kind: Credential\nname: reader\nteam: usa/sales\ntype: token\n";

/* The model of one file among what others have in force (NULL: nothing). */
static struct model *read(const char *path, const char *text, const struct model *in_force, const char *pusher,
                          struct findings *findings)
{
    const struct owner owner = {pusher, "main"};
    struct str repository = origin_of(path);
    const struct model_others others = {
        in_force, origin_prefix(arena, arena_strndup(arena, repository.data, repository.len)), &owner};
    struct unit *unit = unit_read(path, str_from(text), &model_limits_default);
    *findings = (struct findings){.arena = arena};
    struct model *model =
        model_of_units_among(arena, &unit, 1, in_force ? &others : NULL, &model_limits_default, findings);
    unit_release(unit);
    return model;
}

Test(origin, a_model_is_what_is_pushed_among_what_the_others_have)
{
    struct findings findings;
    struct model *first = read("a.yaml", own, NULL, "acme/model", &findings);
    struct model *both = read("//sales/a.yaml", sales, first, "acme/sales", &findings);
    cr_assert_eq(findings.errors, 0);
    cr_assert_eq(both->count, 4);
    cr_assert_str_eq(model_find(both, OBJECT_CREDENTIAL, "reader")->place.path, "//sales/a.yaml");
    cr_assert_str_eq(model_find(both, OBJECT_CREDENTIAL, "shared")->place.path, "a.yaml");
    cr_assert_eq(both->own_units, 1);
    cr_assert_eq(both->unit_count, 2);
    for (int i = 0; i < 5; i++) /* what is pushed over and over leaves nothing behind */
        both = read("//sales/a.yaml", sales, both, "acme/sales", &findings);
    cr_assert_eq(both->unit_count, 2);
    struct model *gone = read("//sales/a.yaml", "", both, "acme/sales", &findings);
    cr_assert_eq(gone->count, 3);
}

Test(origin, what_two_define_is_the_firsts_and_said_with_both_places)
{
    struct findings findings;
    struct model *first = read("a.yaml", own, NULL, "acme/model", &findings);
    struct model *both =
        read("//sales/b.yaml", "kind: Credential\nname: shared\ntype: api-key\n", first, "acme/sales", &findings);
    cr_assert_eq(findings.errors, 1);
    const struct finding *finding = &findings.list.items[0];
    cr_assert_str_eq(finding->place.path, "//sales/b.yaml");
    cr_assert_str_eq(finding->text, "Credential \"shared\" is defined twice");
    cr_assert_str_eq(finding->hint, "it is defined at a.yaml:11, of another repository");
    cr_assert_eq(model_find(both, OBJECT_CREDENTIAL, "shared")->credential->type, CREDENTIAL_TOKEN);
    json_t *json = json_own(arena, findings_json(&findings));
    cr_assert_str_eq(json_text(json_array_get(json, 0), "repository"), "sales");
    cr_assert_str_eq(json_text(json_array_get(json, 0), "path"), "b.yaml");
}

Test(origin, who_is_the_owner_by_now_takes_over_where_the_others_definition_stands)
{
    struct findings findings;
    static const char zone[] = "kind: GovernanceZone\nname: usa\nteams: [{name: it, " OWNER("acme/it") "}]\n";
    struct model *first = read("a.yaml", own, NULL, "acme/model", &findings);
    struct model *stolen = read("//usa/z.yaml", zone, first, "acme/sales", &findings);
    cr_assert_eq(findings.errors, 1);
    cr_assert_str_eq(model_find(stolen, OBJECT_ZONE, "usa")->place.path, "a.yaml");
    struct model *taken = read("//usa/z.yaml", zone, first, "acme/usa", &findings);
    cr_assert_eq(findings.errors, 0);
    cr_assert_str_eq(model_find(taken, OBJECT_ZONE, "usa")->place.path, "//usa/z.yaml");
    ownership_check(first, taken, &(struct owner){"acme/usa", "main"}, &findings);
    cr_assert_eq(findings.errors, 0);
    /* and the one that had it before has to let it go */
    (void)read("a.yaml", own, taken, "acme/model", &findings);
    cr_assert_eq(findings.errors, 1);
    cr_assert_str_eq(findings.list.items[0].hint, "it is defined at //usa/z.yaml:1, of another repository");
}

Test(origin, a_file_is_looked_for_in_the_repository_of_what_names_it)
{
    struct findings findings;
    static const char text[] = "kind: Workspace\nname: w\nteam: usa/sales\ngroups: []\n";
    struct model *model = read("//sales/w.yaml", text, NULL, "acme/sales", &findings);
    struct model_file file = {"//sales/t.sql", STR("select 1")}, other = {"t.sql", STR("select 2")};
    (void)map_put(&model->files, str_from(file.path), &file);
    (void)map_put(&model->files, str_from(other.path), &other);
    const struct object *workspace = model_find(model, OBJECT_WORKSPACE, "w");
    cr_assert_eq(model_file_of(model, workspace, "t.sql"), &file);
    cr_assert_null(model_file_of(model, workspace, "sales/t.sql"));
}
