#include "support.h"

#include "model/checks.h"
#include "model/job.h"
#include "model/scalar.h"

#include <stdlib.h>

/* One model for each code that the model floor finds: the base with `from` replaced, and more documents in b.yaml. */
#define STORE(name, capture, dataset)                                                                                  \
    "kind: Datastore\nname: " name "\nteam: usa/sales\ncapture: {container: crm-db, schedule: external, " capture      \
    "}\ndatasets:\n  - {name: d, " dataset "}\n---\n"
#define COLUMNS "columns: [{name: id, type: int64, key: true}]"
#define OUTPUT(name) "kind: Datastore\nname: " name "\nteam: usa/sales\ndatasets: [{name: d, " COLUMNS "}]\n---\n"
#define PEOPLE "{store: customers, dataset: people}"
#define WORKSPACE(name, sinks)                                                                                         \
    "kind: Workspace\nname: " name "\nteam: usa/sales\ngroups: [{name: g, platform: {name: Live}, sinks: [" sinks      \
    "]}]\n"
#define TRANSFORMER(ws, sinks, out)                                                                                    \
    WORKSPACE(ws, sinks)                                                                                               \
    "transformer: {name: " ws "-t, code: {type: sql, file: transforms/mask.sql}, output: " out "}\n---\n"
#define CREDENTIAL "kind: Credential\nname: c\ntype: token\n"
#define DEEP "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["

static const struct sample {
    enum check_code code;
    const char *from, *to, *more;
} samples[] = {
    {CHECK_YAML_SYNTAX, "", "", "kind: [\n"},
    {CHECK_YAML_DUPLICATE_KEY, "", "", CREDENTIAL "name: d\n"},
    {CHECK_YAML_ALIAS, "", "", "kind: Component\nname: &a c\nx: *a\n"},
    {CHECK_YAML_TAG, "", "", "kind: Component\nname: !!str c\n"},
    {CHECK_YAML_KEY, "", "", "kind: Component\nname: c\n[a]: b\n"},
    {CHECK_YAML_DEPTH, "", "", "kind: Component\nname: c\na: " DEEP},
    {CHECK_YAML_ENCODING, "", "", "kind: Component\nname: \xff\n"},
    {CHECK_DOCUMENT, "", "", "[a]\n"},
    {CHECK_MISSING_KIND, "", "", "name: a\n"},
    {CHECK_UNKNOWN_KIND, "", "", "kind: Credentials\nname: a\n"},
    {CHECK_UNKNOWN_KEY, "", "", CREDENTIAL "value: secret\n"},
    {CHECK_MISSING_KEY, "", "", "kind: Credential\nname: c\n"},
    {CHECK_MISPLACED_KEY, "database: crm\n", "database: crm\nbucket: b\n", ""},
    {CHECK_WRONG_TYPE, "production: true", "production: maybe", ""},
    {CHECK_AMBIGUOUS_SCALAR, "name: marketing", "name: yes", ""},
    {CHECK_UNKNOWN_VALUE, "priority: high", "priority: highest", ""},
    {CHECK_OUT_OF_RANGE, "database: crm\n", "database: crm\nport: 65536\n", ""},
    {CHECK_BAD_TEXT, "cloud: private", "cloud: \"a\\tb\"", ""},
    {CHECK_DUPLICATE_NAME, "", "", "kind: Credential\nname: crm-reader\ntype: token\n"},
    {CHECK_BAD_NAME, "name: people", "name: 1people", ""},
    {CHECK_BAD_QUANTITY, "storage: 20Gi", "storage: 20GB", ""},
    {CHECK_BAD_DURATION, "", "", STORE("a", "type: sql-incremental, watermark: id, overlap: 5x", COLUMNS)},
    {CHECK_BAD_SCHEDULE, "*/10 * * * *", "61 * * * *", ""},
    {CHECK_BAD_TIMEZONE, "", "", STORE("a", "type: sql-snapshot, timezone: Europe/Dublim", COLUMNS)},
    {CHECK_BAD_TYPE, "varchar(100)", "varchar", ""},
    {CHECK_BAD_TEAM, "team: usa/sales\nproduction", "team: sales\nproduction", ""},
    {CHECK_BAD_LOCATION, "\"MyCorp:USA/NY_1\"", "USA", ""},
    {CHECK_BAD_LABEL, "namespace: yellow-ny", "namespace: Yellow", ""},
    {CHECK_BAD_HOST, "crm.example.net", "crm/example", ""},
    {CHECK_BAD_URL, "", "", "kind: DataContainer\nname: h\ntype: http\nurl: ftp://example.net\n"},
    {CHECK_BAD_POINTER, "", "", STORE("a", "type: json-api", "path: /x, records: data, " COLUMNS)},
    {CHECK_BAD_PATH, "", "",
     OUTPUT("a") WORKSPACE("w", PEOPLE) "transformer: {name: t, code: {type: sql, file: ../x.sql}, output: a}\n"},
    {CHECK_BAD_STREAM, "platforms: [", "hints: [{stream: a.b.c, resources: {}}]\nplatforms: [", ""},
    {CHECK_BAD_IMAGE, "registry.example.net/yellow:1.0.0", "\"-x y\"", ""},

    {CHECK_NO_ECOSYSTEM,
     "kind: Ecosystem\nname: acme\nowner: {repository: acme/model, branch: main}\nvendors: [{name: "
     "MyCorp, cloud: private, locations: [USA/NY_1, EU/D1]}]\nzones: [{name: usa, owner: "
     "{repository: acme/usa, branch: main}}]\n---\n",
     "", ""},
    {CHECK_SEVERAL_ECOSYSTEMS, "", "", "kind: Ecosystem\nname: other\nowner: {repository: a/b, branch: main}\n"},
    {CHECK_NAME_COLLISION, "", "", "kind: Credential\nname: crm_reader\ntype: token\n"},
    {CHECK_SHARED_NAMESPACE, "", "",
     "kind: PlatformServiceProvider\nname: b\nnamespace: yellow-ny\nassembly: yellow-single-postgres\nmerge: "
     "{container: crm-db, credential: crm-reader}\nimage: a\nplatforms: []\n"},
    {CHECK_RESERVED_NAME, "name: employer", "name: yellow_batch_in", ""},

    {CHECK_DANGLING_REFERENCE, "container: crm-db\n", "container: crm-bd\n", ""},
    {CHECK_UNDECLARED, "", "", "kind: GovernanceZone\nname: eu\n"},
    {CHECK_UNDEFINED, "zones: [", "zones: [{name: eu, owner: {repository: a/b, branch: main}}, ", ""},
    {CHECK_WRONG_CONTAINER, "type: sql-snapshot", "type: json-api", ""},
    {CHECK_WRONG_CREDENTIAL, "type: user-password", "type: token", ""},
    {CHECK_CREDENTIAL_UNBOUND, ", containers: [crm-db]", "", ""},
    {CHECK_MISSING_FILE, "", "",
     OUTPUT("a") WORKSPACE("w", PEOPLE) "transformer: {name: t, code: {type: sql, file: x.sql}, output: a}\n"},
    {CHECK_UNKNOWN_LOCATION, "MyCorp:USA/NY_1", "MyCorp:USA/NY_2", ""},
    {CHECK_AMBIGUOUS_PLATFORM, "{milestoning: live, latency: minutes}", "{name: Live, milestoning: live}", ""},
    {CHECK_LOOK_ALIKE_OWNERS, "repository: acme/usa", "repository: Acme/model", ""},
    {CHECK_NO_PLATFORM, "{name: Live, milestoning: live}, ", "", ""},

    {CHECK_CAPTURE_KEY, "    classification: CPI\n", "    classification: CPI\n    prefix: p/\n", ""},
    {CHECK_CAPTURE_OPTION, "", "", STORE("a", "type: csv-s3, csv: {delimiter: ab}", "prefix: p/, " COLUMNS)},
    {CHECK_WATERMARK, "type: sql-snapshot", "type: sql-incremental", ""},
    {CHECK_NO_KEY, "", "", STORE("a", "type: json-api", "path: /d, columns: [{name: id, type: int64}]")},
    {CHECK_NULLABLE_KEY, "key: true", "key: true, nullable: true", ""},
    {CHECK_KEY_TYPE, "type: varchar(20)", "type: json", ""},
    {CHECK_NO_COLUMNS, "", "", STORE("a", "type: sql-snapshot", "columns: []")},
    {CHECK_UNSUPPORTED_TYPE, "varchar(100)", "geography", ""},
    {CHECK_TABLE_NAME, "    classification: CPI\n", "    classification: CPI\n    table: a.b.c\n", ""},

    {CHECK_CLASSIFICATION_TWICE, "{name: id,", "{name: id, classification: PUB,", ""},
    {CHECK_MISSING_CLASSIFICATION, "    classification: CPI\n", "", ""},
    {CHECK_POLICY, "name: usa\nteams", "name: usa\npolicies: {classifications: {deny: [CPI]}}\nteams", ""},
    {CHECK_UNKNOWN_POLICY_VALUE, "name: usa\nteams", "name: usa\npolicies: {vendors: {allow: [MyCrop]}}\nteams", ""},

    {CHECK_NOT_PRODUCTION, "production: true\n", "",
     "kind: Workspace\nname: w\nteam: usa/sales\nproduction: true\n"
     "groups: [{name: g, platform: {name: Live}, sinks: [" PEOPLE "]}]\n"},
    {CHECK_DEPRECATED, "    classification: CPI\n", "    classification: CPI\n    deprecated: true\n", ""},
    {CHECK_DEPRECATED_ALLOWED, "", "",
     STORE("a", "type: sql-snapshot", "deprecated: true, " COLUMNS)
         WORKSPACE("w", "{store: a, dataset: d, deprecation: allowed}")},

    {CHECK_REQUEST_OVER_LIMIT, "production: true\n",
     "production: true\nresources: {requests: {cpu: 2}, limits: {cpu: 1}}\n", ""},
    {CHECK_HINT_TARGET, "platforms: [", "hints: [{resources: {}}]\nplatforms: [", ""},
    {CHECK_UNKNOWN_HINT, "platforms: [", "hints: [{store: customer, resources: {}}]\nplatforms: [", ""},
    {CHECK_MISSING_STORAGE, "storage: 20Gi\n", "", ""},
    {CHECK_MISPLACED_STORAGE, "platforms: [", "defaults: {ingestion: {storage: 1Gi}}\nplatforms: [", ""},

    {CHECK_NO_CAPTURE, "", "", OUTPUT("a")},
    {CHECK_OUTPUT_CAPTURE, "", "", TRANSFORMER("w", PEOPLE, "customers")},
    {CHECK_OUTPUT_TEAM, "teams: [", "teams: [{name: it, owner: {repository: a/o, branch: main}}, ",
     "kind: Datastore\nname: a\nteam: usa/it\ndatasets: [{name: d, " COLUMNS "}]\n---\n" TRANSFORMER("w", PEOPLE, "a")},
    {CHECK_OUTPUT_TWICE, "", "", OUTPUT("a") TRANSFORMER("w", PEOPLE, "a") TRANSFORMER("v", PEOPLE, "a")},
    {CHECK_TRANSFORMER_CYCLE, "", "",
     OUTPUT("a") OUTPUT("b") TRANSFORMER("w", "{store: a, dataset: d}", "b")
         TRANSFORMER("v", "{store: b, dataset: d}", "a")},
    {CHECK_IDLE_TRANSFORMER, "", "", OUTPUT("a") TRANSFORMER("w", PEOPLE, "a")},
    {CHECK_TRANSFORMER_INPUT, "", "", OUTPUT("a") TRANSFORMER("w", "{store: a, dataset: d}", "a")},
};

static bool is_found(const struct sample *sample)
{
    char *base = support_with(sample->from, sample->to);
    struct fixture f = support_check(base, sample->more, NULL);
    (void)model_jobs(f.arena, f.model, &f.findings);
    bool found = false;
    vec_each(finding, &f.findings.list)
    {
        const struct check *check = check_by_code(finding->code);
        cr_assert_not_null(check, "%s is in no table", finding->code);
        cr_expect_eq(check->severity, finding->severity, "%s", finding->code);
        bool placed = finding->place.path && finding->place.line && finding->place.column;
        cr_expect(placed || check == &checks[CHECK_NO_ECOSYSTEM], "%s has no place", finding->code);
        found = found || check == &checks[sample->code];
    }
    support_end(&f);
    free(base);
    return found;
}

/* Those that take more than a few lines, each with the test that shows it. */
static bool is_shown_elsewhere(enum check_code code)
{
    return code == CHECK_YAML_SIZE || code == CHECK_TOO_MANY_OBJECTS || code == CHECK_TOO_MANY_FINDINGS ||
           code >= CHECK_ASSEMBLY; /* tests/model/hostile.c; tests/stack/every_check.c; tests/e2e/docs.py asks */
}

Test(every_check, finds_what_it_looks_for)
{
    bool shown[CHECK_CODE_COUNT] = {0};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        shown[samples[i].code] = true;
        cr_expect(is_found(&samples[i]), "%s is not found", checks[samples[i].code].code);
    }
    for (int i = 0; i < CHECK_CODE_COUNT; i++)
        cr_expect(shown[i] || is_shown_elsewhere((enum check_code)i), "%s has no sample", checks[i].code);
}

Test(every_check, a_text_that_is_none_of_its_syntax_has_a_code_of_the_table)
{
    for (int i = 0; i < SCALAR_COUNT; i++)
        cr_expect_not_null(check_by_code(scalar_types[i].code), "%s", scalar_types[i].code);
}

Test(every_check, the_base_of_the_samples_is_good)
{
    struct fixture f = support_check(support_base, NULL);
    (void)model_jobs(f.arena, f.model, &f.findings);
    support_expect(&f, "");
    support_end(&f);
}
