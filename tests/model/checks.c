#include "support.h"

#include "model/checks.h"

#include <stdlib.h>

/* The base with `from` replaced by `to` (NULL: as it is), and more documents in b.yaml (NULL: none). */
static void expect(const char *from, const char *to, const char *more, const char *expected)
{
    char *base = from ? support_with(from, to) : strdup(support_base);
    struct fixture f = support_check(base, more ? more : "", NULL);
    support_expect(&f, expected);
    support_end(&f);
    free(base);
}

#define STORE(name, capture, dataset)                                                                                  \
    "kind: Datastore\nname: " name "\nteam: usa/sales\ncapture: {container: crm-db, schedule: external, " capture      \
    "}\ndatasets:\n  - {name: d, " dataset "}\n---\n"
#define COLUMNS "columns: [{name: id, type: int64, key: true}]"
#define WORKSPACE(name, sinks)                                                                                         \
    "kind: Workspace\nname: " name "\nteam: usa/sales\ngroups: [{name: g, platform: {name: Live}, sinks: [" sinks      \
    "]}]\n"
#define OUTPUT(name) "kind: Datastore\nname: " name "\nteam: usa/sales\ndatasets: [{name: d, " COLUMNS "}]\n---\n"
#define PEOPLE "{store: customers, dataset: people}"

Test(checks, every_code_is_its_own_and_says_what_it_means)
{
    for (size_t i = 0; i < CHECK_CODE_COUNT; i++) {
        cr_assert_not_null(checks[i].code, "check %zu has no row", i);
        cr_expect(strlen(checks[i].doc) > 10, "%s", checks[i].code);
        for (size_t j = 0; j < i; j++)
            cr_expect_str_neq(checks[i].code, checks[j].code);
    }
}

Test(checks, an_ecosystem_is_there_once)
{
    struct fixture f = support_check("kind: Credential\nname: c\ntype: token\n", NULL);
    support_expect(&f,
                   "error: the model has no Ecosystem [no-ecosystem]\n  hint: a file with kind: Ecosystem names the "
                   "company, its vendors and zones\n");
    support_end(&f);
    expect(NULL, NULL, "kind: Ecosystem\nname: other\nowner: {repository: a/b, branch: main}\n",
           "b.yaml:1:1: error: Ecosystem \"other\" is not the only one [several-ecosystems]\n"
           "  hint: \"acme\" is at a.yaml:1:1\n");
}

Test(checks, names_that_become_one_elsewhere_collide)
{
    expect(NULL, NULL, "kind: Credential\nname: CRM_reader\ntype: token\n",
           "a.yaml:19:1: error: Credential \"CRM_reader\" and \"crm-reader\" become the same name in Kubernetes or SQL "
           "[name-collision]\n  hint: the first is at b.yaml:1:1\n");
    expect("name: employer,", "name: ID,", NULL,
           "a.yaml:37:9: error: column \"id\" and \"ID\" become the same name in SQL [name-collision]\n"
           "  hint: the first is at a.yaml:36:9\n");
    expect("name: employer,", "name: id,", NULL,
           "a.yaml:37:9: error: column \"id\" is there twice [duplicate-name]\n  hint: the first is at a.yaml:36:9\n");
    expect("name: Forensic", "name: live", NULL,
           "a.yaml:54:46: error: platform \"Live\" and \"live\" become the same name in Kubernetes or SQL "
           "[name-collision]\n  hint: the first is at a.yaml:54:13\n");
    expect("dataset: people, deprecation: never}", "dataset: people}, {store: customers, dataset: people}", NULL,
           "a.yaml:46:50: error: sink \"customers.people\" is there twice [duplicate-name]\n"
           "  hint: the first is at a.yaml:46:13\n");
    expect("name: employer,", "name: Yellow_batch_id,", NULL,
           "a.yaml:37:9: error: column \"Yellow_batch_id\" begins with yellow_batch, which the merge keeps beside the "
           "data [reserved-name]\n");
    expect(NULL, NULL, "kind: Credential\nname: Job-Token\ntype: token\n",
           "b.yaml:1:1: error: Credential \"Job-Token\" has the name of a secret that stacks keep for themselves "
           "[reserved-name]\n");
}

Test(checks, references_resolve)
{
    expect("container: crm-db\n", "container: crm-bd\n", NULL,
           "a.yaml:29:14: error: there is no DataContainer \"crm-bd\" [dangling-reference]\n  hint: did you mean "
           "\"crm-db\"?\n");
    expect("credential: crm-reader\n", "credential: nobody\n", NULL,
           "a.yaml:30:15: error: there is no Credential \"nobody\" [dangling-reference]\n");
    expect("team: usa/sales\nproduction", "team: usa/sale\nproduction", NULL,
           "a.yaml:25:7: error: GovernanceZone \"usa\" has no team \"sale\" [dangling-reference]\n"
           "  hint: did you mean \"sales\"?\n");
    expect("team: usa/sales\nproduction", "team: us/sales\nproduction", NULL,
           "a.yaml:25:7: error: there is no GovernanceZone \"us\" for team \"us/sales\" [dangling-reference]\n"
           "  hint: did you mean \"usa\"?\n");
    expect("dataset: people,", "dataset: peoples,", NULL,
           "a.yaml:46:41: error: Datastore \"customers\" has no dataset \"peoples\" [dangling-reference]\n"
           "  hint: did you mean \"people\"?\n");
    expect("{milestoning: live, latency: minutes}", "{name: Life}", NULL,
           "a.yaml:45:22: error: there is no data platform \"Life\" [dangling-reference]\n  hint: did you mean "
           "\"Live\"?\n");
    expect("merge: {container: crm-db,", "merge: {container: no-db,", NULL,
           "a.yaml:52:20: error: there is no DataContainer \"no-db\" [dangling-reference]\n");
}

Test(checks, zones_are_declared_and_defined)
{
    expect("name: usa\nteams", "name: eu\nteams", NULL,
           "a.yaml:5:9: warning: zone \"usa\" has no GovernanceZone that defines it [undefined-zone]\n"
           "a.yaml:7:1: error: GovernanceZone \"eu\" is not declared by Ecosystem \"acme\" [undeclared]\n"
           "  hint: add it to the zones at a.yaml:1\n"
           "a.yaml:25:7: error: there is no GovernanceZone \"usa\" for team \"usa/sales\" [dangling-reference]\n"
           "a.yaml:41:7: error: there is no GovernanceZone \"usa\" for team \"usa/sales\" [dangling-reference]\n");
}

Test(checks, a_credential_is_used_with_the_containers_that_it_names)
{
    expect("containers: [crm-db]", "containers: [other-db]",
           "kind: DataContainer\nname: other-db\ntype: postgres\nhost: evil.example.net\ndatabase: d\nstorage: 1Gi\n"
           "locations: [\"MyCorp:USA/NY_1\"]\n",
           "a.yaml:30:15: error: Credential \"crm-reader\" does not name DataContainer \"crm-db\" among its containers "
           "[credential-unbound]\n  hint: if it is to be sent there, its owner adds crm-db to `containers:` at "
           "a.yaml:19\n"
           "a.yaml:52:40: error: Credential \"crm-reader\" does not name DataContainer \"crm-db\" among its containers "
           "[credential-unbound]\n  hint: if it is to be sent there, its owner adds crm-db to `containers:` at "
           "a.yaml:19\n");
    expect("containers: [crm-db]", "containers: [crm-db, crm-bd]", NULL,
           "a.yaml:21:43: error: there is no DataContainer \"crm-bd\" [dangling-reference]\n  hint: did you mean "
           "\"crm-db\"?\n");
}

Test(checks, containers_and_credentials_are_of_the_type_that_their_use_needs)
{
    expect("  type: sql-snapshot", "  type: csv-s3", NULL,
           "a.yaml:29:14: error: csv-s3 cannot use DataContainer \"crm-db\": it is postgres [wrong-container]\n"
           "a.yaml:30:15: error: csv-s3 cannot use Credential \"crm-reader\": it is user-password [wrong-credential]\n"
           "a.yaml:33:5: error: dataset \"people\" of a csv-s3 capture has neither \"prefix\" nor \"pattern\" "
           "[capture-key]\n");
}

Test(checks, locations_are_those_of_vendors)
{
    expect("[\"MyCorp:USA/NY_1\"]", "[\"MyCorp:USA/NY_2\", \"Other:USA/NY_1\", \"MyCorp:USA/NY_1/rack\"]", NULL,
           "a.yaml:16:13: error: vendor \"MyCorp\" has no location \"USA/NY_2\" [unknown-location]\n"
           "  hint: vendors and their locations are listed at a.yaml:1\n"
           "a.yaml:16:32: error: there is no vendor \"Other\" for location \"Other:USA/NY_1\" [unknown-location]\n"
           "  hint: vendors and their locations are listed at a.yaml:1\n");
}

Test(checks, a_group_says_its_platform_in_one_way)
{
    expect("{milestoning: live, latency: minutes}", "{name: Live, milestoning: live}", NULL,
           "a.yaml:45:22: error: group \"current\" names its platform and says what it should be like "
           "[ambiguous-platform]\n");
    expect("{milestoning: live, latency: minutes}", "{latency: minutes}", NULL,
           "a.yaml:44:5: error: group \"current\" does not say which platform it wants [ambiguous-platform]\n"
           "  hint: platform: {name: ...}, or platform: {milestoning: live}\n");
}

Test(checks, the_keys_of_a_dataset_go_with_the_capture)
{
    expect("    classification: CPI\n", "    classification: CPI\n    prefix: a/\n    path: /x\n", NULL,
           "a.yaml:35:13: error: \"prefix\" of dataset \"people\" does not go with sql-snapshot [capture-key]\n"
           "a.yaml:36:11: error: \"path\" of dataset \"people\" does not go with sql-snapshot [capture-key]\n");
    expect("    classification: CPI\n", "    classification: CPI\n    table: a.b.c\n", NULL,
           "a.yaml:35:12: error: \"a.b.c\" is no table [table-name]\n  hint: table or schema.table, each part at most "
           "63 bytes, one with a dot in double quotes\n");
}

Test(checks, a_table_is_one_or_two_parts_as_written_or_in_quotes)
{
    static const char *const good[] = {"a", "a.b", "\"a.b\"", "\"a.b\".\"c\"\"d\"", "A b.\"c d\"", "a\"b", "\"a"};
    static const char *const bad[] = {"a.", ".a", "\"\"", "\"a\"b", "\"a\".b.c", "\"a\"."};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char to[200];
        (void)snprintf(to, sizeof to, "    classification: CPI\n    table: '%s'\n", good[i]);
        expect("    classification: CPI\n", to, NULL, "");
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char to[200], expected[200];
        (void)snprintf(to, sizeof to, "    classification: CPI\n    table: '%s'\n", bad[i]);
        (void)snprintf(expected, sizeof expected,
                       "a.yaml:35:12: error: \"%s\" is no table [table-name]\n  hint: table or schema.table, each part "
                       "at most 63 bytes, one with a dot in double quotes\n",
                       bad[i]);
        expect("    classification: CPI\n", to, NULL, expected);
    }
}

Test(checks, an_incremental_dataset_has_a_watermark_that_orders)
{
    expect(NULL, NULL, STORE("a", "type: sql-incremental", "columns: [{name: id, type: int64}]"),
           "b.yaml:6:5: error: dataset \"d\" has no watermark column [watermark]\n"
           "  hint: watermark: COLUMN on the capture or on the dataset\n");
    expect(NULL, NULL, STORE("a", "type: sql-incremental, watermark: updated", COLUMNS),
           "b.yaml:6:5: error: dataset \"d\" has no column \"updated\" to be its watermark [watermark]\n");
    expect(NULL, NULL,
           STORE("a", "type: sql-incremental, watermark: at",
                 "columns: [{name: id, type: int64, key: true}, {name: at, type: text}]"),
           "b.yaml:6:61: error: watermark \"at\" of dataset \"d\" is text, which has no order that grows [watermark]\n"
           "  hint: an integer, decimal, date, timestamp or timestamptz\n");
    expect(
        NULL, NULL,
        STORE("a", "type: sql-incremental",
              "watermark: at, columns: [{name: id, type: int64, key: true}, {name: at, type: date, nullable: true}]"),
        "b.yaml:6:76: error: watermark \"at\" of dataset \"d\" is nullable [watermark]\n");
}

#define API                                                                                                            \
    "kind: DataContainer\nname: api\ntype: http\nurl: https://api.example.net/v1\n---\nkind: DataContainer\nname: "    \
    "s3\ntype: s3\nbucket: b\n---\n"
#define STORE_IN(container, capture, dataset)                                                                          \
    API "kind: Datastore\nname: a\nteam: usa/sales\ncapture: {container: " container ", schedule: external, " capture  \
        "}\ndatasets:\n  - {name: d, " dataset "}\n"

Test(checks, the_options_of_a_capture_agree)
{
    expect(NULL, NULL, STORE_IN("s3", "type: csv-s3, csv: {delimiter: ab, quote: \"ab\"}", "prefix: x, " COLUMNS),
           "b.yaml:14:77: error: the delimiter is not one character, or is an end of line [capture-option]\n"
           "b.yaml:14:88: error: delimiter and quote are the same [capture-option]\n"
           "b.yaml:14:88: error: the quote is not one character; \"\" is none [capture-option]\n");
    expect(NULL, NULL, STORE_IN("s3", "type: csv-s3, csv: {delimiter: \";\", quote: \"\"}", "prefix: x, " COLUMNS), "");
    expect(NULL, NULL, STORE_IN("api", "type: json-api, paging: {type: cursor}", "path: /d, " COLUMNS),
           "b.yaml:14:78: error: paging by cursor has no \"pointer\" [capture-option]\n"
           "b.yaml:14:78: error: paging by page, offset or cursor has no \"parameter\" [capture-option]\n");
    expect(NULL, NULL,
           STORE_IN("api", "type: json-api, paging: {type: link, parameter: p, pointer: /x}", "path: /d, " COLUMNS),
           "b.yaml:14:95: error: paging by none or link takes no \"parameter\" [capture-option]\n"
           "b.yaml:14:107: error: only paging by cursor takes a \"pointer\" [capture-option]\n");
    expect(NULL, NULL, STORE_IN("api", "type: json-api, paging: {type: offset, parameter: p}", COLUMNS),
           "b.yaml:14:78: error: paging by offset has no \"size\" [capture-option]\n"
           "b.yaml:16:5: error: dataset \"d\" of a json-api capture has no \"path\" [capture-key]\n");
}

Test(checks, keys_and_types_are_ones_that_databases_have)
{
    expect("{name: employer, type: varchar(100)}", "{name: e, type: json, key: true}", NULL,
           "a.yaml:37:9: error: key column \"e\" is json, which cannot be compared for a key [key-type]\n");
    expect("key: true}", "key: true, nullable: true}", NULL,
           "a.yaml:36:9: error: key column \"id\" is nullable [nullable-key]\n");
    expect("varchar(100)", "geography", NULL,
           "a.yaml:37:9: error: column \"employer\": geography has no SQL type [unsupported-type]\n"
           "  hint: text or json can hold it\n");
    expect("varchar(100)", "varchar(0)", NULL,
           "a.yaml:37:32: error: \"type\": type \"varchar(0)\": varchar takes 1 number, at most 10485760 [bad-type]\n"
           "  hint: type: a column type, such as int64, decimal(10,2), varchar(20) or array<text>\n");
    expect(NULL, NULL, STORE("a", "type: sql-snapshot", "columns: []"),
           "b.yaml:6:5: error: dataset \"d\" has 0 columns, not 1 to 1598 [no-columns]\n");
}

Test(checks, production_data_is_classified_in_one_way)
{
    expect("    classification: CPI\n", "", NULL,
           "a.yaml:33:5: error: dataset \"people\" of production Datastore \"customers\" has no classification "
           "[missing-classification]\n  hint: classification: on the dataset, or on each column\n");
    expect("{name: id,", "{name: id, classification: PUB,", NULL,
           "a.yaml:36:9: error: dataset \"people\" is classified, and so is its column \"id\" [classification-twice]\n"
           "  hint: classify the dataset, or each of its columns\n");
    expect("    classification: CPI\n    columns:\n      - {name: id,",
           "    columns:\n      - {name: id, classification: PUB,", NULL,
           "a.yaml:36:9: error: column \"employer\" of dataset \"people\" has no classification, and others have "
           "[missing-classification]\n");
}

Test(checks, policies_hold_for_the_producer)
{
    expect("branch: main}}]\n---\nkind: DataContainer",
           "branch: main}}]\npolicies: {classifications: {allow: [PUB]}, locations: {deny: [\"MyCorp:USA\"]}, vendors: "
           "{allow: [MyCrop]}}\n---\nkind: DataContainer",
           NULL,
           "a.yaml:10:98: error: the policy of GovernanceZone \"usa\" names vendor \"MyCrop\", which the ecosystem "
           "does not have [policy-value]\n  hint: did you mean \"MyCorp\"?\n"
           "a.yaml:30:14: error: GovernanceZone \"usa\" does not permit location \"MyCorp:USA/NY_1\" of DataContainer "
           "\"crm-db\" [policy]\n  hint: its policy is at a.yaml:10\n"
           "a.yaml:30:14: error: GovernanceZone \"usa\" does not permit vendor \"MyCorp\" of DataContainer \"crm-db\" "
           "[policy]\n  hint: its policy is at a.yaml:10\n"
           "a.yaml:35:21: error: GovernanceZone \"usa\" does not permit classification \"CPI\" of dataset \"people\" "
           "[policy]\n  hint: its policy is at a.yaml:10\n"
           "a.yaml:47:13: error: GovernanceZone \"usa\" does not permit location \"MyCorp:USA/NY_1\" of DataContainer "
           "\"crm-db\" [policy]\n  hint: its policy is at a.yaml:10\n"
           "a.yaml:47:13: error: GovernanceZone \"usa\" does not permit vendor \"MyCorp\" of DataContainer \"crm-db\" "
           "[policy]\n  hint: its policy is at a.yaml:10\n");
    expect("branch: main}}]\n---\nkind: DataContainer",
           "branch: main}}]\npolicies: {classifications: {allow: [CPI]}, locations: {allow: "
           "[\"MyCorp:USA\"]}}\n---\nkind: DataContainer",
           NULL, "");
}

Test(checks, policies_of_both_zones_hold_for_the_consumers_container)
{
    expect("zones: [", "zones: [{name: eu, owner: {repository: acme/eu, branch: main}}, ",
           "kind: GovernanceZone\nname: eu\nteams: [{name: t, owner: {repository: a/t, branch: main}}]\n"
           "policies: {classifications: {deny: [CPI]}, locations: {allow: [\"MyCorp:EU\"]}}\n---\n"
           "kind: Workspace\nname: w\nteam: eu/t\ngroups: [{name: g, platform: {name: Live}, sinks: [" PEOPLE "]}]\n",
           "b.yaml:9:52: error: GovernanceZone \"eu\" does not permit classification \"CPI\" of dataset \"people\" "
           "[policy]\n  hint: its policy is at b.yaml:4\n"
           "b.yaml:9:52: error: GovernanceZone \"eu\" does not permit location \"MyCorp:USA/NY_1\" of DataContainer "
           "\"crm-db\" [policy]\n  hint: its policy is at b.yaml:4\n");
}

Test(checks, a_prefix_of_a_location_ends_at_a_part)
{
    expect("branch: main}}]\n---\nkind: DataContainer",
           "branch: main}}]\npolicies: {locations: {deny: [\"MyCorp:USA/NY\"]}}\n---\nkind: DataContainer", NULL,
           "a.yaml:10:31: error: the policy of GovernanceZone \"usa\" names location \"MyCorp:USA/NY\", which the "
           "ecosystem does not have [policy-value]\n  hint: did you mean \"MyCorp:USA/NY_1\"?\n");
}

Test(checks, production_consumes_production_and_nothing_deprecated)
{
    expect(NULL, NULL,
           STORE("a", "type: sql-snapshot",
                 "deprecated: true, " COLUMNS) "kind: Workspace\nname: w\nteam: usa/sales\nproduction: true\ngroups:\n "
                                               " - name: g\n    platform: {name: Live}\n"
                                               "    sinks:\n      - {store: a, dataset: d}\n",
           "b.yaml:16:9: error: Workspace \"w\" consumes a.d, which is deprecated [deprecated]\n"
           "  hint: leave it, or say deprecation: allowed until you have\n"
           "b.yaml:16:9: warning: production Workspace \"w\" consumes Datastore \"a\", which is not production "
           "[not-production]\n");
    expect(NULL, NULL,
           STORE("a", "type: sql-snapshot", "deprecated: true, " COLUMNS)
               WORKSPACE("w", "{store: a, dataset: d, deprecation: allowed}"),
           "b.yaml:11:52: warning: Workspace \"w\" consumes a.d, which is deprecated [deprecated-allowed]\n"
           "  hint: leave it before it is removed\n");
}

Test(checks, requests_are_within_limits)
{
    expect("production: true\n",
           "production: true\nresources: {requests: {memory: 2Gi, cpu: 1}, limits: {memory: 1Gi, cpu: 1000m}}\n", NULL,
           "a.yaml:27:32: error: the store's resources: requests.memory 2Gi is more than limits.memory 1Gi "
           "[request-over-limit]\n");
}

Test(checks, a_memory_limit_is_one_in_which_a_process_starts)
{
    expect("production: true\n", "production: true\nresources: {limits: {memory: 512m, cpu: 500m}}\n", NULL,
           "a.yaml:27:30: error: the store's resources: limits.memory 512m is less than 16Mi: no process starts in it "
           "[bad-quantity]\n");
    expect("production: true\n", "production: true\nresources: {limits: {memory: 16Mi, cpu: 500m}}\n", NULL, "");
}

#define PSP(text) "platforms: [{name: Live,", text "platforms: [{name: Live,"

Test(checks, hints_name_one_thing_that_there_is)
{
    expect(PSP("hints:\n  - {stream: customer, resources: {limits: {cpu: 1}}}\n  - {resources: {}}\n"
               "  - {store: customers, kind: csv-s3, platform: Lime, resources: {limits: {cpu: 1}}}\n"
               "  - {transformer: t, resources: {limits: {cpu: 1}}}\n"),
           NULL,
           "a.yaml:55:14: error: the hint names stream \"customer\", which there is not [unknown-hint]\n"
           "  hint: did you mean \"customers\"?\n"
           "a.yaml:56:5: error: a hint names one of stream, transformer, store and kind, not 0 of them [hint-target]\n"
           "a.yaml:57:5: error: a hint names one of stream, transformer, store and kind, not 2 of them [hint-target]\n"
           "a.yaml:57:48: error: the hint names data platform \"Lime\", which there is not [unknown-hint]\n"
           "  hint: did you mean \"Live\"?\n"
           "a.yaml:58:19: error: the hint names transformer \"t\", which there is not [unknown-hint]\n");
    expect(PSP("defaults: {ingestion: {storage: 1Gi}, postgres: {storage: 1Gi}}\n"), NULL,
           "a.yaml:54:33: error: defaults.ingestion takes no storage [misplaced-storage]\n");
    expect(
        "storage: 20Gi\n", "", NULL,
        "a.yaml:11:1: warning: DataContainer \"crm-db\" does not say its capacity [missing-storage]\n  hint: storage: "
        "20Gi\n");
}

#define TRANSFORMER(ws, sinks, out)                                                                                    \
    "kind: Workspace\nname: " ws "\nteam: usa/sales\ngroups: [{name: g, platform: {name: Live}, sinks: [" sinks        \
    "]}]\n"                                                                                                            \
    "transformer: {name: " ws "-t, code: {type: sql, file: transforms/mask.sql}, output: " out "}\n---\n"

#define FAR "---\n{kind: Credential, name: far-rw, type: user-password, containers: [far-db]}\n"

Test(checks, policies_hold_on_a_platform_that_pulls_through_a_transformer)
{
    /* x is on Live alone; w2 has its output on Far, so that people go there too */
    expect(
        "zones: [", "zones: [{name: eu, owner: {repository: acme/eu, branch: main}}, ",
        "kind: GovernanceZone\nname: eu\nteams: [{name: t, owner: {repository: a/t, branch: main}}]\n---\n"
        "kind: DataContainer\nname: far-db\ntype: postgres\nhost: h\ndatabase: d\nlocations: [\"MyCorp:EU/D1\"]\n"
        "storage: 1Gi\n---\nkind: PlatformServiceProvider\nname: far\nnamespace: far\nassembly: "
        "yellow-single-postgres\nmerge: {container: far-db, credential: far-rw}\nimage: i\n"
        "platforms: [{name: Far, milestoning: live}]\n---\n" OUTPUT("made") TRANSFORMER(
            "x", PEOPLE,
            "made") "kind: Workspace\nname: w2\nteam: eu/t\ngroups: [{name: g, platform: {name: Far}, sinks: [{store: "
                    "made, dataset: d}]}]\n" FAR,
        "");
    expect("teams: [", "policies: {locations: {allow: [\"MyCorp:USA\"]}}\nteams: [",
           "kind: DataContainer\nname: far-db\ntype: postgres\nhost: h\ndatabase: d\nlocations: [\"MyCorp:EU/D1\"]\n"
           "storage: 1Gi\n---\nkind: PlatformServiceProvider\nname: far\nnamespace: far\nassembly: "
           "yellow-single-postgres\nmerge: {container: far-db, credential: far-rw}\nimage: i\n"
           "platforms: [{name: Far, milestoning: milestoned}]\n---\n" OUTPUT("made")
               TRANSFORMER("x", PEOPLE, "made") "kind: Workspace\nname: w2\nteam: usa/sales\ngroups: [{name: g, "
                                                "platform: {name: Far}, sinks: [{store: "
                                                "made, dataset: d}]}]\n" FAR,
           "b.yaml:25:52: error: GovernanceZone \"usa\" does not permit location \"MyCorp:EU/D1\" of DataContainer "
           "\"far-db\" [policy]\n  hint: its policy is at a.yaml:9\n"
           "b.yaml:31:51: error: GovernanceZone \"usa\" does not permit location \"MyCorp:EU/D1\" of DataContainer "
           "\"far-db\" [policy]\n  hint: its policy is at a.yaml:9\n");
}

Test(checks, a_production_store_is_made_by_a_production_workspace)
{
    expect(NULL, NULL,
           "kind: Datastore\nname: a\nteam: usa/sales\nproduction: true\ndatasets: [{name: d, classification: "
           "PUB, " COLUMNS "}]\n---\n" TRANSFORMER("x", PEOPLE, "a") WORKSPACE("z", "{store: a, dataset: d}"),
           "b.yaml:11:14: warning: production Datastore \"a\" is made by Workspace \"x\", which is not production "
           "[not-production]\n  hint: production: true on the workspace\n");
}

Test(checks, a_store_is_captured_or_made_by_one_transformer_of_its_team)
{
    expect(NULL, NULL, OUTPUT("a"),
           "b.yaml:1:1: error: Datastore \"a\" has no capture and is no transformer's output [no-capture]\n"
           "  hint: capture: says how it is read\n");
    expect(NULL, NULL,
           OUTPUT("a") TRANSFORMER("x", PEOPLE, "a") TRANSFORMER("yy", PEOPLE, "a")
               WORKSPACE("z", "{store: a, dataset: d}"),
           "b.yaml:16:81: error: Datastore \"a\" is the output of transformer \"x-t\" and of \"yy-t\" [output-twice]\n"
           "  hint: the other is at b.yaml:10\n");
    expect(NULL, NULL,
           STORE("a", "type: sql-snapshot", COLUMNS) TRANSFORMER("x", PEOPLE, "a")
               WORKSPACE("z", "{store: a, dataset: d}"),
           "b.yaml:4:10: error: Datastore \"a\" has a capture, and is the output of transformer \"x-t\" "
           "[output-capture]\n");
    expect("teams: [", "teams: [{name: other, owner: {repository: a/o, branch: main}}, ",
           "kind: Datastore\nname: a\nteam: usa/other\ndatasets: [{name: d, " COLUMNS
           "}]\n---\n" TRANSFORMER("x", PEOPLE, "a") WORKSPACE("z", "{store: a, dataset: d}"),
           "b.yaml:10:80: error: the output of transformer \"x-t\" is Datastore \"a\" of team usa/other, not of "
           "usa/sales [output-team]\n");
}

Test(checks, transformers_run_and_do_not_wait_for_each_other)
{
    expect(
        NULL, NULL, OUTPUT("a") TRANSFORMER("x", PEOPLE, "a"),
        "b.yaml:10:14: warning: nobody consumes Datastore \"a\": transformer \"x-t\" never runs [idle-transformer]\n");
    expect(NULL, NULL, OUTPUT("a") TRANSFORMER("x", "{store: a, dataset: d}", "a"),
           "b.yaml:10:14: error: transformer \"x-t\" has no input but its own output [transformer-input]\n");
    expect(NULL, NULL,
           OUTPUT("a") OUTPUT("b") OUTPUT("c") TRANSFORMER("x", "{store: c, dataset: d}", "a")
               TRANSFORMER("yy", "{store: a, dataset: d}", "b")
                   TRANSFORMER("z", "{store: b, dataset: d}, " PEOPLE, "c"),
           "b.yaml:20:14: error: transformers wait for each other: x-t <- z-t <- yy-t <- x-t [transformer-cycle]\n"
           "  hint: a transformer may read its own output, but not that of one that reads its\n");
    expect(
        NULL, NULL,
        OUTPUT(
            "a") "kind: Workspace\nname: x\nteam: usa/sales\ngroups: [{name: g, platform: {name: Live}, sinks: [" PEOPLE
                 ", {store: a, dataset: d}]}]\n"
                 "transformer:\n  name: t\n  code: {type: sql, file: transforms/mosk.sql}\n  output: a\n",
        "b.yaml:12:27: error: transformer \"t\": the repository has no file \"transforms/mosk.sql\" [missing-file]\n"
        "  hint: did you mean \"transforms/mask.sql\"?\n");
}

Test(checks, scalars_have_a_syntax)
{
    expect("\"*/10 * * * *\"", "\"*/10 * * *\"", NULL,
           "a.yaml:31:13: error: \"schedule\": a cron schedule has five fields, not 4 [bad-schedule]\n"
           "  hint: schedule: cron's five fields, or external\n");
    expect("namespace: yellow-ny", "namespace: Yellow_NY", NULL,
           "a.yaml:50:12: error: \"namespace\": \"Yellow_NY\" is no RFC 1123 label [bad-label]\n"
           "  hint: RFC 1123 label: at most 63 lower-case letters, digits and -, not at an end\n");
    expect("storage: 20Gi", "storage: 20GB", NULL,
           "a.yaml:17:10: error: \"storage\": \"20GB\" is no quantity [bad-quantity]\n"
           "  hint: quantity: a Kubernetes quantity above zero, such as 500m, 2 or 1.5Gi\n");
    expect("priority: high", "priority: hihg", NULL,
           "a.yaml:42:11: error: \"priority\" cannot be \"hihg\" [unknown-value]\n  hint: did you mean \"high\"?\n");
    expect("database: crm", "database: crm\nport: 70000", NULL,
           "a.yaml:16:7: error: \"port\" cannot be 70000 [out-of-range]\n  hint: a decimal number from 1 to 65535\n");
    expect("name: people\n", "name: 9people\n", NULL,
           "a.yaml:33:11: error: \"name\": \"9people\" is no name [bad-name]\n"
           "  hint: name: a letter, then at most 62 letters, digits, _ and -\n"
           "a.yaml:46:41: error: Datastore \"customers\" has no dataset \"people\" [dangling-reference]\n"
           "  hint: did you mean \"9people\"?\n");
}
