#include "model/fields.h"

/* clang-format off */
#define AT(type, member) .offset = offsetof(type, member)
#define PRESENT(type, member) .present = 1 + offsetof(type, member)
#define TABLE(list) .fields = (list), .len = sizeof(list) / sizeof *(list)
#define OF(type, member, names) AT(type, member), .size = sizeof(((type *)0)->member), .values = (names)
#define BIT(n) (1u << (n))

const char *const object_kind_names[OBJECT_KIND_COUNT] = {
    "Ecosystem", "GovernanceZone", "DataContainer", "Credential", "Datastore", "Workspace", "PlatformServiceProvider",
    "Component", "Assembly"};
const char *const container_type_names[] = {"postgres", "s3", "http", "managed", NULL};
const char *const credential_type_names[] = {"user-password", "token", "api-key", "s3-keys", NULL};
const char *const capture_type_names[] = {"sql-snapshot", "sql-incremental", "csv-s3", "json-api", NULL};
const char *const consistency_names[] = {"multi-dataset", "single-dataset", NULL};
const char *const milestoning_names[] = {"live", "milestoned", NULL};
const char *const priority_names[] = {"low", "medium", "high", "critical", NULL};
const char *const code_type_names[] = {"sql", "python", "container", NULL};
const char *const latency_names[] = {"seconds", "minutes", "hours", "days", NULL};
static const char *const deprecation_names[] = {"never", "allowed", NULL};
static const char *const sslmode_names[] = {"disable", "prefer", "require", "verify-ca", "verify-full", NULL};
static const char *const paging_names[] = {"none", "page", "offset", "cursor", "link", NULL};
static const char *const pull_names[] = {"Always", "IfNotPresent", "Never", NULL};
static const char *const hint_kind_names[] = {"sql-snapshot", "sql-incremental", "csv-s3", "json-api", "transformer", NULL};

#define DOCUMENT_KIND {"kind", FIELD_KIND, .required = true, .doc = "what the document defines"}
#define DOCUMENT_NAME(type, text) {"name", FIELD_TEXT, AT(type, name), .scalar = SCALAR_NAME, .required = true, .doc = (text)}

static const struct field owner_fields[] = {
    {"branch", FIELD_TEXT, AT(struct owner, branch), .scalar = SCALAR_TEXT, .required = true, .doc = "the branch whose commits count"},
    {"repository", FIELD_TEXT, AT(struct owner, repository), .scalar = SCALAR_TEXT, .required = true, .doc = "the git repository that may change it"},
};
static const struct table owner_table = {"owner", "Who may change a part of the model.", TABLE(owner_fields), sizeof(struct owner)};

static const struct field owned_fields[] = {
    {"name", FIELD_TEXT, AT(struct owned, name), .scalar = SCALAR_NAME, .required = true, .doc = "its name"},
    {"owner", FIELD_STRUCT, AT(struct owned, owner), .sub = &owner_table, .required = true, .doc = "who may define it"},
};
#define OWNED(title, text) {title, text, TABLE(owned_fields), sizeof(struct owned), .place = 1 + offsetof(struct owned, place), .id = {"name"}, .fold = FOLD_NAME}
static const struct table zone_declaration_table = OWNED("zone", "Declares a governance zone; a GovernanceZone document defines it.");
static const struct table team_declaration_table = OWNED("team", "Declares a team of the zone.");

static const struct field vendor_fields[] = {
    {"cloud", FIELD_TEXT, AT(struct vendor, cloud), .scalar = SCALAR_TEXT, .doc = "private, or the cloud's name"},
    {"locations", FIELD_TEXTS, AT(struct vendor, locations), .scalar = SCALAR_LOCATION_PATH, .doc = "where it has machines"},
    {"name", FIELD_TEXT, AT(struct vendor, name), .scalar = SCALAR_NAME, .required = true, .doc = "its name, before the colon of a location"},
};
static const struct table vendor_table = {"vendor", "Who runs machines, and where.", TABLE(vendor_fields), sizeof(struct vendor), .place = 1 + offsetof(struct vendor, place), .id = {"name"}, .fold = FOLD_NAME};

static const struct field ecosystem_fields[] = {
    DOCUMENT_KIND,
    DOCUMENT_NAME(struct ecosystem, "the ecosystem's name"),
    {"owner", FIELD_STRUCT, AT(struct ecosystem, owner), .sub = &owner_table, .required = true, .doc = "who may change the ecosystem, zone declarations and PSPs"},
    {"vendors", FIELD_LIST, AT(struct ecosystem, vendors), .sub = &vendor_table, .doc = "vendors and their locations"},
    {"zones", FIELD_LIST, AT(struct ecosystem, zones), .sub = &zone_declaration_table, .doc = "governance zones"},
};
static const struct table ecosystem_table = {"Ecosystem", "The company: its vendors and zones. There is one in a model.", TABLE(ecosystem_fields), sizeof(struct ecosystem)};

static const struct field policy_fields[] = {
    {"allow", FIELD_TEXTS, AT(struct policy, allow), .scalar = SCALAR_TEXT, .doc = "only these; left out: all"},
    {"deny", FIELD_TEXTS, AT(struct policy, deny), .scalar = SCALAR_TEXT, .doc = "not these"},
};
static const struct table policy_table = {"policy", "What a zone permits. A location stands for all below it.", TABLE(policy_fields), sizeof(struct policy), .place = 1 + offsetof(struct policy, place)};

static const struct field policies_fields[] = {
    {"classifications", FIELD_STRUCT, AT(struct zone, policies.classifications), PRESENT(struct zone, policies.classifications.present), .sub = &policy_table, .doc = "classifications of data that the zone produces or consumes"},
    {"locations", FIELD_STRUCT, AT(struct zone, policies.locations), PRESENT(struct zone, policies.locations.present), .sub = &policy_table, .doc = "locations of containers that hold its data"},
    {"vendors", FIELD_STRUCT, AT(struct zone, policies.vendors), PRESENT(struct zone, policies.vendors.present), .sub = &policy_table, .doc = "vendors of those containers"},
};
static const struct table policies_table = {"policies", "The rules of a zone.", TABLE(policies_fields), sizeof(struct zone)};

static const struct field zone_fields[] = {
    DOCUMENT_KIND,
    DOCUMENT_NAME(struct zone, "a zone that the ecosystem declares"),
    {"policies", FIELD_STRUCT, .offset = 0, .sub = &policies_table, .doc = "what the zone permits"},
    {"teams", FIELD_LIST, AT(struct zone, teams), .sub = &team_declaration_table, .doc = "its teams"},
};
static const struct table zone_table = {"GovernanceZone", "A part of the company with its own rules and teams.", TABLE(zone_fields), sizeof(struct zone)};

static const struct field container_fields[] = {
    {"bucket", FIELD_TEXT, AT(struct container, bucket), .scalar = SCALAR_SUBDOMAIN, .only = BIT(CONTAINER_S3), .needed = BIT(CONTAINER_S3), .doc = "the bucket"},
    {"database", FIELD_TEXT, AT(struct container, database), .scalar = SCALAR_IDENTIFIER, .only = BIT(CONTAINER_POSTGRES), .needed = BIT(CONTAINER_POSTGRES), .doc = "the database"},
    {"endpoint", FIELD_TEXT, AT(struct container, endpoint), .scalar = SCALAR_URL, .only = BIT(CONTAINER_S3), .doc = "the address of the S3 API; left out: Amazon's for the region"},
    {"host", FIELD_TEXT, AT(struct container, host), .scalar = SCALAR_HOST, .only = BIT(CONTAINER_POSTGRES), .needed = BIT(CONTAINER_POSTGRES), .doc = "the database server"},
    DOCUMENT_KIND,
    {"locations", FIELD_TEXTS, AT(struct container, locations), .scalar = SCALAR_LOCATION, .doc = "where the data lies: Vendor:PATH"},
    DOCUMENT_NAME(struct container, "its name, unique among containers"),
    {"port", FIELD_INT, AT(struct container, port), .min = 1, .max = 65535, .initial = 5432, .only = BIT(CONTAINER_POSTGRES), .doc = "the database server's port"},
    {"region", FIELD_TEXT, AT(struct container, region), .scalar = SCALAR_LABEL, .only = BIT(CONTAINER_S3), .doc = "the region that requests are signed for"},
    {"sslmode", FIELD_TEXT, AT(struct container, sslmode), .values = sslmode_names, .only = BIT(CONTAINER_POSTGRES), .doc = "how the connection is secured; left out: `prefer`, encrypted where the server can and nothing checked"},
    {"storage", FIELD_TEXT, AT(struct container, storage), .scalar = SCALAR_QUANTITY, .only = BIT(CONTAINER_POSTGRES) | BIT(CONTAINER_MANAGED), .doc = "its capacity"},
    {"team", FIELD_TEXT, AT(struct container, team), .scalar = SCALAR_TEAM, .doc = "whose it is: zone/team; left out: the ecosystem's"},
    {"type", FIELD_ENUM, OF(struct container, type, container_type_names), .required = true, .doc = "what it is; managed: made and owned by the platform"},
    {"url", FIELD_TEXT, AT(struct container, url), .scalar = SCALAR_URL, .only = BIT(CONTAINER_HTTP), .needed = BIT(CONTAINER_HTTP), .doc = "the address that paths are added to"},
};
static const struct table container_table = {"DataContainer", "A place data lives.", TABLE(container_fields), sizeof(struct container), .by = "type"};

static const struct field credential_fields[] = {
    {"containers", FIELD_TEXTS, AT(struct credential, containers), .scalar = SCALAR_NAME, .doc = "the DataContainers it is sent to, and no others"},
    DOCUMENT_KIND,
    DOCUMENT_NAME(struct credential, "its name; its value is never part of a model"),
    {"team", FIELD_TEXT, AT(struct credential, team), .scalar = SCALAR_TEAM, .doc = "whose it is: zone/team; left out: the ecosystem's"},
    {"type", FIELD_ENUM, OF(struct credential, type, credential_type_names), .required = true, .doc = "what it consists of"},
};
static const struct table credential_table = {"Credential", "The name and type of a secret, never its value.", TABLE(credential_fields), sizeof(struct credential)};

static const struct field memory_cpu_request_fields[] = {
    {"cpu", FIELD_TEXT, AT(struct resources, value[RESOURCE_CPU_REQUEST]), .scalar = SCALAR_QUANTITY, .doc = "cores"},
    {"memory", FIELD_TEXT, AT(struct resources, value[RESOURCE_MEMORY_REQUEST]), .scalar = SCALAR_QUANTITY, .doc = "bytes"},
};
static const struct field memory_cpu_limit_fields[] = {
    {"cpu", FIELD_TEXT, AT(struct resources, value[RESOURCE_CPU_LIMIT]), .scalar = SCALAR_QUANTITY, .doc = "cores"},
    {"memory", FIELD_TEXT, AT(struct resources, value[RESOURCE_MEMORY_LIMIT]), .scalar = SCALAR_QUANTITY, .doc = "bytes"},
};
static const struct table requests_table = {"requests", "What is set aside.", TABLE(memory_cpu_request_fields), sizeof(struct resources)};
static const struct table limits_table = {"limits", "What is never exceeded.", TABLE(memory_cpu_limit_fields), sizeof(struct resources)};
static const struct field resources_fields[] = {
    {"limits", FIELD_STRUCT, .offset = 0, .sub = &limits_table, .doc = "the most it may use"},
    {"requests", FIELD_STRUCT, .offset = 0, .sub = &requests_table, .doc = "what it is given"},
};
const struct table resources_table = {"resources", "The size of a job: any of four values, each found on its own.", TABLE(resources_fields), sizeof(struct resources)};

static const struct field csv_fields[] = {
    {"bad_rows", FIELD_INT, AT(struct csv_options, bad_rows), .min = 0, .max = INT64_MAX, .doc = "how many rows of a batch may be put aside before it fails"},
    {"delimiter", FIELD_TEXT, AT(struct csv_options, delimiter), .scalar = SCALAR_RAW, .initial_text = ",", .doc = "one character between values"},
    {"encoding", FIELD_TEXT, AT(struct csv_options, encoding), .scalar = SCALAR_TEXT, .initial_text = "UTF-8", .doc = "of the text"},
    {"header", FIELD_BOOL, AT(struct csv_options, header), .initial = true, .doc = "the first line names the columns"},
    {"null_text", FIELD_TEXT, AT(struct csv_options, null_text), .scalar = SCALAR_RAW, .initial_text = "", .doc = "an unquoted value that stands for null"},
    {"quote", FIELD_TEXT, AT(struct csv_options, quote), .scalar = SCALAR_RAW, .initial_text = "\"", .doc = "one character around values"},
};
static const struct table csv_table = {"csv", "How the files are written.", TABLE(csv_fields), sizeof(struct csv_options)};

static const struct field paging_fields[] = {
    {"parameter", FIELD_TEXT, AT(struct paging, parameter), .scalar = SCALAR_TEXT, .doc = "query parameter of the page, offset or cursor"},
    {"pointer", FIELD_TEXT, AT(struct paging, pointer), .scalar = SCALAR_POINTER, .doc = "where an answer holds the next cursor"},
    {"size", FIELD_INT, AT(struct paging, size), .min = 0, .max = 1000000, .doc = "records a page; 0: the server's own"},
    {"type", FIELD_TEXT, AT(struct paging, type), .values = paging_names, .initial_text = "none", .doc = "how the next page is asked for"},
};
static const struct table paging_table = {"paging", "How an API gives its records page by page.", TABLE(paging_fields), sizeof(struct paging)};

static const struct field capture_fields[] = {
    {"consistency", FIELD_ENUM, OF(struct capture, consistency, consistency_names), .doc = "one sequence of batches for the store, or one for each dataset"},
    {"container", FIELD_TEXT, AT(struct capture, container), .scalar = SCALAR_NAME, .required = true, .doc = "the DataContainer it reads"},
    {"credential", FIELD_TEXT, AT(struct capture, credential), .scalar = SCALAR_NAME, .doc = "the Credential it uses"},
    {"csv", FIELD_STRUCT, AT(struct capture, csv), .sub = &csv_table, .only = BIT(CAPTURE_CSV_S3), .doc = "how the files are written"},
    {"overlap", FIELD_TEXT, AT(struct capture, overlap), .scalar = SCALAR_DURATION, .only = BIT(CAPTURE_SQL_INCREMENTAL), .doc = "how much before the watermark is read again"},
    {"paging", FIELD_STRUCT, AT(struct capture, paging), .sub = &paging_table, .only = BIT(CAPTURE_JSON_API), .doc = "how the next page is asked for"},
    {"schedule", FIELD_TEXT, AT(struct capture, schedule), .scalar = SCALAR_SCHEDULE, .required = true, .doc = "when batches run"},
    {"timezone", FIELD_TEXT, AT(struct capture, timezone), .scalar = SCALAR_TIMEZONE, .doc = "of the schedule; left out: the PSP's, or UTC"},
    {"type", FIELD_ENUM, OF(struct capture, type, capture_type_names), .initial = CAPTURE_TRANSFORMER, .required = true, .doc = "how data is read"},
    {"watermark", FIELD_TEXT, AT(struct capture, watermark), .scalar = SCALAR_IDENTIFIER, .only = BIT(CAPTURE_SQL_INCREMENTAL), .doc = "the column that grows, in every dataset unless it names its own"},
};
static const struct table capture_table = {"capture", "How a store's data is read.", TABLE(capture_fields), sizeof(struct capture), .place = 1 + offsetof(struct capture, place), .by = "type"};

static const struct field column_fields[] = {
    {"classification", FIELD_TEXT, AT(struct column, classification), .scalar = SCALAR_NAME, .doc = "how sensitive it is"},
    {"key", FIELD_BOOL, AT(struct column, key), .doc = "part of the key"},
    {"name", FIELD_TEXT, AT(struct column, name), .scalar = SCALAR_IDENTIFIER, .required = true, .doc = "the column's name"},
    {"nullable", FIELD_BOOL, AT(struct column, nullable), .doc = "may hold null"},
    {"type", FIELD_TEXT, AT(struct column, type), .scalar = SCALAR_DATATYPE, .required = true, .doc = "the column's type"},
};
static const struct table column_table = {"column", "A column of a dataset, in order.", TABLE(column_fields), sizeof(struct column), .place = 1 + offsetof(struct column, place), .id = {"name"}, .fold = FOLD_CASE, .dense = true};

static const struct field dataset_fields[] = {
    {"classification", FIELD_TEXT, AT(struct dataset, classification), .scalar = SCALAR_NAME, .doc = "how sensitive all of it is"},
    {"columns", FIELD_LIST, AT(struct dataset, columns), .sub = &column_table, .required = true, .doc = "its columns"},
    {"deprecated", FIELD_BOOL, AT(struct dataset, deprecated), .doc = "consumers should leave"},
    {"name", FIELD_TEXT, AT(struct dataset, name), .scalar = SCALAR_NAME, .required = true, .doc = "its name, unique in the store"},
    {"path", FIELD_TEXT, AT(struct dataset, path), .scalar = SCALAR_TEXT, .doc = "json-api: path of the request, added to the container's address"},
    {"pattern", FIELD_TEXT, AT(struct dataset, pattern), .scalar = SCALAR_TEXT, .doc = "csv-s3: glob that object names must match"},
    {"prefix", FIELD_TEXT, AT(struct dataset, prefix), .scalar = SCALAR_TEXT, .doc = "csv-s3: prefix of the objects"},
    {"records", FIELD_TEXT, AT(struct dataset, records), .scalar = SCALAR_POINTER, .doc = "json-api: where an answer holds the records"},
    {"table", FIELD_TEXT, AT(struct dataset, table), .scalar = SCALAR_TEXT, .doc = "sql: the table, with its schema; left out: the dataset's name"},
    {"watermark", FIELD_TEXT, AT(struct dataset, watermark), .scalar = SCALAR_IDENTIFIER, .doc = "sql-incremental: its own watermark column"},
};
static const struct table dataset_table = {"dataset", "One table of data.", TABLE(dataset_fields), sizeof(struct dataset), .place = 1 + offsetof(struct dataset, place), .id = {"name"}, .fold = FOLD_NAME};

static const struct field datastore_fields[] = {
    {"capture", FIELD_STRUCT, AT(struct datastore, capture), PRESENT(struct datastore, capture.present), .sub = &capture_table, .doc = "how it is read; left out: a transformer writes it"},
    {"datasets", FIELD_LIST, AT(struct datastore, datasets), .sub = &dataset_table, .required = true, .doc = "what it holds"},
    DOCUMENT_KIND,
    DOCUMENT_NAME(struct datastore, "its name, unique in the ecosystem"),
    {"production", FIELD_BOOL, AT(struct datastore, production), .doc = "holds production data"},
    {"resources", FIELD_STRUCT, AT(struct datastore, resources), .sub = &resources_table, .doc = "the size of its streams"},
    {"team", FIELD_TEXT, AT(struct datastore, team), .scalar = SCALAR_TEAM, .required = true, .doc = "whose it is: zone/team"},
};
static const struct table datastore_table = {"Datastore", "A producer's data: datasets that are captured together.", TABLE(datastore_fields), sizeof(struct datastore)};

static const struct field group_platform_fields[] = {
    {"latency", FIELD_TEXT, AT(struct group, platform.latency), .values = latency_names, .doc = "how late data may be"},
    {"milestoning", FIELD_ENUM, OF(struct group, platform.milestoning, milestoning_names), PRESENT(struct group, platform.by_milestoning), .doc = "which platforms by how they keep data"},
    {"name", FIELD_TEXT, AT(struct group, platform.name), .scalar = SCALAR_NAME, .doc = "one data platform by name"},
};
static const struct table group_platform_table = {"platform", "Which data platforms carry a group: one by name, or all that fit.", TABLE(group_platform_fields), sizeof(struct group)};

static const struct field sink_fields[] = {
    {"dataset", FIELD_TEXT, AT(struct sink, dataset), .scalar = SCALAR_NAME, .required = true, .doc = "a dataset of the store"},
    {"deprecation", FIELD_ENUM, OF(struct sink, deprecation_allowed, deprecation_names), .doc = "whether the dataset may be deprecated"},
    {"store", FIELD_TEXT, AT(struct sink, store), .scalar = SCALAR_NAME, .required = true, .doc = "a Datastore"},
};
static const struct table sink_table = {"sink", "A dataset that a group consumes.", TABLE(sink_fields), sizeof(struct sink), .place = 1 + offsetof(struct sink, place), .id = {"store", "dataset"}};

static const struct field group_fields[] = {
    {"name", FIELD_TEXT, AT(struct group, name), .scalar = SCALAR_NAME, .required = true, .doc = "its name, unique in the workspace"},
    {"platform", FIELD_STRUCT, .offset = 0, .sub = &group_platform_table, .required = true, .doc = "which platforms carry it"},
    {"sinks", FIELD_LIST, AT(struct group, sinks), .sub = &sink_table, .required = true, .doc = "what it consumes"},
};
static const struct table group_table = {"group", "Datasets that a workspace consumes on the same platforms.", TABLE(group_fields), sizeof(struct group), .place = 1 + offsetof(struct group, place), .id = {"name"}, .fold = FOLD_NAME};

static const struct field code_fields[] = {
    {"command", FIELD_TEXTS, AT(struct transformer, command), .scalar = SCALAR_RAW, .only = BIT(CODE_CONTAINER), .doc = "the command, left out: the image's own"},
    {"entry", FIELD_TEXT, AT(struct transformer, entry), .scalar = SCALAR_TEXT, .only = BIT(CODE_PYTHON), .needed = BIT(CODE_PYTHON), .doc = "the module that is run"},
    {"file", FIELD_TEXT, AT(struct transformer, file), .scalar = SCALAR_PATH, .only = BIT(CODE_SQL), .needed = BIT(CODE_SQL), .doc = "a SQL file of the model's repository"},
    {"image", FIELD_TEXT, AT(struct transformer, image), .scalar = SCALAR_IMAGE, .only = BIT(CODE_CONTAINER), .needed = BIT(CODE_CONTAINER), .doc = "the container image"},
    {"ref", FIELD_TEXT, AT(struct transformer, ref), .scalar = SCALAR_TEXT, .only = BIT(CODE_PYTHON), .needed = BIT(CODE_PYTHON), .doc = "the commit, tag or branch"},
    {"repository", FIELD_TEXT, AT(struct transformer, repository), .scalar = SCALAR_TEXT, .only = BIT(CODE_PYTHON), .needed = BIT(CODE_PYTHON), .doc = "the git repository"},
    {"type", FIELD_ENUM, OF(struct transformer, code, code_type_names), .required = true, .doc = "what the code is"},
};
static const struct table code_table = {"code", "What a transformer runs.", TABLE(code_fields), sizeof(struct transformer), .by = "type"};

static const struct field transformer_fields[] = {
    {"code", FIELD_STRUCT, .offset = 0, .sub = &code_table, .required = true, .doc = "what it runs"},
    {"name", FIELD_TEXT, AT(struct transformer, name), .scalar = SCALAR_NAME, .required = true, .doc = "its name, unique in the ecosystem"},
    {"output", FIELD_TEXT, AT(struct transformer, output), .scalar = SCALAR_NAME, .required = true, .doc = "the Datastore it writes: of the same team, without capture"},
    {"resources", FIELD_STRUCT, AT(struct transformer, resources), .sub = &resources_table, .doc = "its size"},
    {"timezone", FIELD_TEXT, AT(struct transformer, timezone), .scalar = SCALAR_TIMEZONE, .doc = "of a cron; left out: the PSP's, or UTC"},
    {"trigger", FIELD_TEXT, AT(struct transformer, trigger), .scalar = SCALAR_TRIGGER, .initial_text = "inputs", .doc = "when it runs: after any input commits, or by cron"},
};
static const struct table transformer_table = {"transformer", "Code that makes a store out of what its workspace consumes.", TABLE(transformer_fields), sizeof(struct transformer), .place = 1 + offsetof(struct transformer, place)};

static const struct field workspace_fields[] = {
    {"container", FIELD_TEXT, AT(struct workspace, container), .scalar = SCALAR_NAME, .doc = "the DataContainer where its consumers read; left out: the platform's own"},
    {"groups", FIELD_LIST, AT(struct workspace, groups), .sub = &group_table, .required = true, .doc = "what it consumes"},
    DOCUMENT_KIND,
    DOCUMENT_NAME(struct workspace, "its name, unique in the ecosystem"),
    {"priority", FIELD_ENUM, OF(struct workspace, priority, priority_names), .initial = PRIORITY_MEDIUM, .doc = "how much it matters"},
    {"production", FIELD_BOOL, AT(struct workspace, production), .doc = "production depends on it"},
    {"team", FIELD_TEXT, AT(struct workspace, team), .scalar = SCALAR_TEAM, .required = true, .doc = "whose it is: zone/team"},
    {"transformer", FIELD_STRUCT, AT(struct workspace, transformer), PRESENT(struct workspace, transformer.present), .sub = &transformer_table, .doc = "code that makes a store out of it"},
};
static const struct table workspace_table = {"Workspace", "A consumer: groups of datasets, and perhaps a transformer.", TABLE(workspace_fields), sizeof(struct workspace)};

static const struct field psp_default_fields[] = {
    {"limits", FIELD_STRUCT, AT(struct psp_default, resources), .sub = &limits_table, .doc = "the most it may use"},
    {"requests", FIELD_STRUCT, AT(struct psp_default, resources), .sub = &requests_table, .doc = "what it is given"},
    {"storage", FIELD_TEXT, AT(struct psp_default, storage), .scalar = SCALAR_QUANTITY, .doc = "the size of its volume (postgres)"},
};
static const struct table psp_default_table = {"default", "The size of one part of the stack.", TABLE(psp_default_fields), sizeof(struct psp_default)};
#define DEFAULT(key, text) {#key, FIELD_STRUCT, AT(struct psp, defaults.key), .sub = &psp_default_table, .doc = (text)}
static const struct field defaults_fields[] = {
    DEFAULT(airflow_scheduler, "Airflow's scheduler"),
    DEFAULT(airflow_web, "Airflow's web or API server"),
    DEFAULT(ingestion, "every stream"),
    DEFAULT(postgres, "PostgreSQL"),
    DEFAULT(transformer, "every transformer"),
};
static const struct table defaults_table = {"defaults", "Sizes where nothing nearer says otherwise.", TABLE(defaults_fields), sizeof(struct psp)};

static const struct field data_platform_fields[] = {
    {"latency", FIELD_TEXT, AT(struct data_platform, latency), .values = latency_names, .doc = "how late its data is; left out: fits every group"},
    {"milestoning", FIELD_ENUM, OF(struct data_platform, milestoning, milestoning_names), .required = true, .doc = "live: as the source is now; milestoned: with history"},
    {"name", FIELD_TEXT, AT(struct data_platform, name), .scalar = SCALAR_NAME, .required = true, .doc = "its name, unique in the ecosystem"},
};
static const struct table data_platform_table = {"platform", "One way to keep data.", TABLE(data_platform_fields), sizeof(struct data_platform), .place = 1 + offsetof(struct data_platform, place), .id = {"name"}, .fold = FOLD_NAME};

static const struct field hint_fields[] = {
    {"kind", FIELD_TEXT, AT(struct hint, kind), .values = hint_kind_names, .doc = "every stream of this capture type, or every transformer"},
    {"platform", FIELD_TEXT, AT(struct hint, platform), .scalar = SCALAR_NAME, .doc = "only on this data platform"},
    {"resources", FIELD_STRUCT, AT(struct hint, resources), .sub = &resources_table, .required = true, .doc = "the size"},
    {"store", FIELD_TEXT, AT(struct hint, store), .scalar = SCALAR_NAME, .doc = "every stream of this store"},
    {"stream", FIELD_TEXT, AT(struct hint, stream), .scalar = SCALAR_STREAM, .doc = "one stream: store, or store.dataset"},
    {"transformer", FIELD_TEXT, AT(struct hint, transformer), .scalar = SCALAR_NAME, .doc = "one transformer"},
};
static const struct table hint_table = {"hint", "The size of some jobs: exactly one of stream, transformer, store and kind says which.", TABLE(hint_fields), sizeof(struct hint), .place = 1 + offsetof(struct hint, place), .id = {"stream", "transformer", "store", "kind", "platform"}, .id_labelled = true};

static const struct field merge_fields[] = {
    {"container", FIELD_TEXT, AT(struct psp, merge.container), .scalar = SCALAR_NAME, .required = true, .doc = "the DataContainer that holds the platforms' tables"},
    {"credential", FIELD_TEXT, AT(struct psp, merge.credential), .scalar = SCALAR_NAME, .required = true, .doc = "the Credential that writes them"},
};
static const struct table merge_table = {"merge", "The database of the data platforms.", TABLE(merge_fields), sizeof(struct psp)};

#define CLASS(key, text) {#key, FIELD_TEXT, AT(struct psp, storage_classes.key), .scalar = SCALAR_SUBDOMAIN, .doc = (text)}
static const struct field storage_classes_fields[] = {
    CLASS(dags, "the volume of DAG files"),
    CLASS(git_cache, "the volume of fetched repositories"),
    CLASS(logs, "the volume of logs"),
    CLASS(postgres, "PostgreSQL's volume"),
};
static const struct table storage_classes_table = {"storage_classes", "Storage classes, each on its own.", TABLE(storage_classes_fields), sizeof(struct psp)};

static const struct field psp_fields[] = {
    {"assembly", FIELD_TEXT, AT(struct psp, assembly), .scalar = SCALAR_NAME, .required = true, .doc = "a built-in assembly or an Assembly of the model"},
    {"capacity", FIELD_TEXT, AT(struct psp, capacity), .scalar = SCALAR_QUANTITY, .doc = "the cluster's storage, against which volumes are summed"},
    {"defaults", FIELD_STRUCT, .offset = 0, .sub = &defaults_table, .doc = "sizes of streams, transformers and the stack's own parts"},
    {"hints", FIELD_LIST, AT(struct psp, hints), .sub = &hint_table, .doc = "sizes of single jobs"},
    {"image", FIELD_TEXT, AT(struct psp, image), .scalar = SCALAR_IMAGE, .required = true, .doc = "the image that jobs run"},
    {"image_pull_policy", FIELD_TEXT, AT(struct psp, image_pull_policy), .values = pull_names, .initial_text = "IfNotPresent", .doc = "when the image is pulled"},
    DOCUMENT_KIND,
    {"merge", FIELD_STRUCT, .offset = 0, .sub = &merge_table, .required = true, .doc = "the database of the data platforms"},
    DOCUMENT_NAME(struct psp, "its name"),
    {"namespace", FIELD_TEXT, AT(struct psp, namespace), .scalar = SCALAR_LABEL, .required = true, .doc = "the Kubernetes namespace"},
    {"parameters", FIELD_JSON, AT(struct psp, parameters), .doc = "what the assembly's components ask for; no secret or name of a Credential, which goes to its containers alone"},
    {"platforms", FIELD_LIST, AT(struct psp, platforms), .sub = &data_platform_table, .required = true, .doc = "its data platforms"},
    {"storage_class", FIELD_TEXT, AT(struct psp, storage_class), .scalar = SCALAR_SUBDOMAIN, .doc = "of every volume that has none of its own"},
    {"storage_classes", FIELD_STRUCT, .offset = 0, .sub = &storage_classes_table, .doc = "of single volumes"},
    {"timezone", FIELD_TEXT, AT(struct psp, timezone), .scalar = SCALAR_TIMEZONE, .doc = "of schedules that name none; left out: UTC"},
};
static const struct table psp_table = {"PlatformServiceProvider", "A shared stack and its data platforms.", TABLE(psp_fields), sizeof(struct psp)};

static const struct field definition_fields[] = {DOCUMENT_KIND, DOCUMENT_NAME(struct definition, "its name")};
static const struct table component_table = {"Component", "A company's own component: see the documentation of components.", TABLE(definition_fields), sizeof(struct definition), .open = true};
static const struct table assembly_table = {"Assembly", "A company's own assembly: see the documentation of components.", TABLE(definition_fields), sizeof(struct definition), .open = true};

const struct table *const object_tables[OBJECT_KIND_COUNT] = {
    [OBJECT_ECOSYSTEM] = &ecosystem_table, [OBJECT_ZONE] = &zone_table, [OBJECT_CONTAINER] = &container_table,
    [OBJECT_CREDENTIAL] = &credential_table, [OBJECT_DATASTORE] = &datastore_table, [OBJECT_WORKSPACE] = &workspace_table,
    [OBJECT_PSP] = &psp_table, [OBJECT_COMPONENT] = &component_table, [OBJECT_ASSEMBLY] = &assembly_table};
