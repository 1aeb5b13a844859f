#include "model/checks.h"

/* clang-format off */
#define READING "reading"
#define NAMES "names"
#define REFERENCES "references"
#define CAPTURE "capture and columns"
#define POLICY "classification and policy"
#define LIFE "production and deprecation"
#define SIZES "sizes"
#define TRANSFORMERS "transformers"
#define STACK "the stack"
#define COMMIT "the commit"
#define OWNERSHIP "ownership"
#define COMPATIBILITY "compatibility"

const struct check checks[CHECK_CODE_COUNT] = {
    [CHECK_YAML_SYNTAX] = {"yaml-syntax", SEVERITY_ERROR, READING, "a file is well-formed YAML", "mend the file at the place that is named", NULL, false},
    [CHECK_YAML_DUPLICATE_KEY] = {"yaml-duplicate-key", SEVERITY_ERROR, READING, "a key is there once in its mapping", "remove one of the two", NULL, false},
    [CHECK_YAML_ALIAS] = {"yaml-alias", SEVERITY_ERROR, READING, "there are no anchors and aliases", "write the value out", NULL, false},
    [CHECK_YAML_TAG] = {"yaml-tag", SEVERITY_ERROR, READING, "there are no tags", "remove the tag", NULL, false},
    [CHECK_YAML_KEY] = {"yaml-key", SEVERITY_ERROR, READING, "a key is a plain text", "write the key as text", NULL, false},
    [CHECK_YAML_DEPTH] = {"yaml-depth", SEVERITY_ERROR, READING, "values are nested at most 32 levels deep", "flatten the document", NULL, false},
    [CHECK_YAML_SIZE] = {"yaml-size", SEVERITY_ERROR, READING, "a file has at most 4 MiB and 2,000,000 values", "split the file", NULL, false},
    [CHECK_YAML_ENCODING] = {"yaml-encoding", SEVERITY_ERROR, READING, "a file is UTF-8 without NUL", "save the file as UTF-8", NULL, false},
    [CHECK_DOCUMENT] = {"document", SEVERITY_ERROR, READING, "a document is a mapping with kind and name", "write `kind:` and `name:` at the top of each document", NULL, false},
    [CHECK_MISSING_KIND] = {"missing-kind", SEVERITY_ERROR, READING, "a document says its kind", "add `kind:`; the kinds are listed in model.md", NULL, false},
    [CHECK_UNKNOWN_KIND] = {"unknown-kind", SEVERITY_ERROR, READING, "the kind is one of those that there are", "take the kind that is suggested; kinds are case-sensitive", NULL, false},
    [CHECK_UNKNOWN_KEY] = {"unknown-key", SEVERITY_ERROR, READING, "every key is known", "take the key that is suggested, or remove it", NULL, false},
    [CHECK_MISSING_KEY] = {"missing-key", SEVERITY_ERROR, READING, "every required key is there", "add the key that is named", NULL, false},
    [CHECK_MISPLACED_KEY] = {"misplaced-key", SEVERITY_ERROR, READING, "a key goes with the type that is named beside it", "remove the key, or change the `type` beside it", NULL, false},
    [CHECK_WRONG_TYPE] = {"wrong-type", SEVERITY_ERROR, READING, "a value is of the type that its key wants", "write a value of the type that is named, or leave the key out", NULL, false},
    [CHECK_AMBIGUOUS_SCALAR] = {"ambiguous-scalar", SEVERITY_ERROR, READING, "a text that some YAML readers take for a number, a date, a boolean or nothing is in quotes", "put the value in quotes", NULL, false},
    [CHECK_UNKNOWN_VALUE] = {"unknown-value", SEVERITY_ERROR, READING, "a value is one of the words that its key knows", "take the word that is suggested", NULL, false},
    [CHECK_OUT_OF_RANGE] = {"out-of-range", SEVERITY_ERROR, READING, "a number is decimal and within its bounds", "take a number within the bounds that are named", NULL, false},
    [CHECK_BAD_TEXT] = {"bad-text", SEVERITY_ERROR, READING, "a text is at most 4,096 bytes and holds no control character", "shorten it, or remove the control character", NULL, false},
    [CHECK_DUPLICATE_NAME] = {"duplicate-name", SEVERITY_ERROR, READING, "a name is given once among its like", "rename or remove one of the two", NULL, false},
    [CHECK_TOO_MANY_OBJECTS] = {"too-many-objects", SEVERITY_ERROR, READING, "a model has at most 100,000 objects", "split the model into several ecosystems", NULL, false},
    [CHECK_BAD_NAME] = {"bad-name", SEVERITY_ERROR, READING, "a name is a letter, then at most 62 letters, digits, _ and -; a column's has 1 to 63 bytes", "rename it", NULL, false},
    [CHECK_BAD_QUANTITY] = {"bad-quantity", SEVERITY_ERROR, READING, "a quantity is one of Kubernetes, above zero", "write it as 500m, 2 or 1.5Gi", NULL, false},
    [CHECK_BAD_DURATION] = {"bad-duration", SEVERITY_ERROR, READING, "a duration is a number and a unit", "write it as 90s, 5m, 2h or 1d", NULL, false},
    [CHECK_BAD_SCHEDULE] = {"bad-schedule", SEVERITY_ERROR, READING, "a schedule is cron's five fields or the word that its key knows", "write five fields: minute, hour, day of month, month, day of week", NULL, false},
    [CHECK_BAD_TIMEZONE] = {"bad-timezone", SEVERITY_ERROR, READING, "a time zone is a name of the tz database", "take the name that is suggested, such as Europe/Dublin", NULL, false},
    [CHECK_BAD_TYPE] = {"bad-type", SEVERITY_ERROR, READING, "a column's type is one of the format", "take a type such as int64, decimal(10,2), varchar(20) or array<text>", NULL, false},
    [CHECK_BAD_TEAM] = {"bad-team", SEVERITY_ERROR, READING, "a team is written zone/team", "write zone/team", NULL, false},
    [CHECK_BAD_LOCATION] = {"bad-location", SEVERITY_ERROR, READING, "a location is written Vendor:PATH", "write it as MyCorp:USA/NY_1", NULL, false},
    [CHECK_BAD_LABEL] = {"bad-label", SEVERITY_ERROR, READING, "a Kubernetes name is an RFC 1123 label or subdomain", "use lower-case letters, digits and -", NULL, false},
    [CHECK_BAD_HOST] = {"bad-host", SEVERITY_ERROR, READING, "a host is a name or an IP address", "remove the scheme, port and path", NULL, false},
    [CHECK_BAD_URL] = {"bad-url", SEVERITY_ERROR, READING, "a URL is http or https and holds no credential", "name a Credential instead of a user in the address", NULL, false},
    [CHECK_BAD_POINTER] = {"bad-pointer", SEVERITY_ERROR, READING, "a pointer is one of RFC 6901", "begin with /; ~ is ~0 and / is ~1", NULL, false},
    [CHECK_BAD_PATH] = {"bad-path", SEVERITY_ERROR, READING, "a path is relative and stays in the repository", "write the path from the top of the model, without ..", NULL, false},
    [CHECK_BAD_STREAM] = {"bad-stream", SEVERITY_ERROR, READING, "a stream is written store or store.dataset", "write store or store.dataset", NULL, false},
    [CHECK_BAD_IMAGE] = {"bad-image", SEVERITY_ERROR, READING, "an image is a container image reference", "write it as registry.example.net/name:tag", NULL, false},
    [CHECK_TOO_MANY_FINDINGS] = {"too-many-findings", SEVERITY_ERROR, READING, "at most 1,000 findings are kept; the rest is counted", "mend these and look again", NULL, false},

    [CHECK_NO_ECOSYSTEM] = {"no-ecosystem", SEVERITY_ERROR, NAMES, "a model has an Ecosystem", "add a document of kind Ecosystem", check_ecosystem, false},
    [CHECK_SEVERAL_ECOSYSTEMS] = {"several-ecosystems", SEVERITY_ERROR, NAMES, "a model has one Ecosystem", "keep one of them", NULL, false},
    [CHECK_NAME_COLLISION] = {"name-collision", SEVERITY_ERROR, NAMES, "no two names become the same name in Kubernetes or SQL (lower case, _ as -)", "rename one of the two so that they differ in more than case, `_` and `-`", check_names, false},
    [CHECK_SHARED_NAMESPACE] = {"shared-namespace", SEVERITY_WARNING, NAMES, "two PSPs have namespaces of their own", "give one of them another namespace, unless they stand in different clusters", NULL, false},
    [CHECK_RESERVED_NAME] = {"reserved-name", SEVERITY_ERROR, NAMES, "a column's name does not begin with yellow_batch, which the merge keeps beside the data, and a credential has no name of a secret of the stack's own parts", "rename it", check_members, true},

    [CHECK_DANGLING_REFERENCE] = {"dangling-reference", SEVERITY_ERROR, REFERENCES, "what is named exists", "take the name that is suggested, or define what is named", check_references, false},
    [CHECK_UNDECLARED] = {"undeclared", SEVERITY_ERROR, REFERENCES, "a zone is declared by the ecosystem", "add the zone to the Ecosystem's `zones`", NULL, false},
    [CHECK_UNDEFINED] = {"undefined-zone", SEVERITY_WARNING, REFERENCES, "a declared zone is defined by a GovernanceZone", "add the GovernanceZone, or remove the declaration", NULL, false},
    [CHECK_WRONG_CONTAINER] = {"wrong-container", SEVERITY_ERROR, REFERENCES, "a container is of the type that its use needs", "name a container of a type that fits the capture or merge", NULL, false},
    [CHECK_WRONG_CREDENTIAL] = {"wrong-credential", SEVERITY_ERROR, REFERENCES, "a credential is of a type that its use can take", "name a credential of a type that fits the capture or merge", NULL, false},
    [CHECK_CREDENTIAL_UNBOUND] = {"credential-unbound", SEVERITY_ERROR, REFERENCES, "a credential is used with a container that it names: else whoever may use it could have it sent to a server of his own", "let the credential's owner add the container to its `containers`, if it is to be sent there", NULL, false},
    [CHECK_MISSING_FILE] = {"missing-file", SEVERITY_ERROR, REFERENCES, "a transformer's SQL file is in the repository", "add the file to the repository, or mend its path", NULL, false},
    [CHECK_UNKNOWN_LOCATION] = {"unknown-location", SEVERITY_ERROR, REFERENCES, "a location is one of its vendor's", "add the location to its vendor in the Ecosystem, or mend it", NULL, false},
    [CHECK_AMBIGUOUS_PLATFORM] = {"ambiguous-platform", SEVERITY_ERROR, REFERENCES, "a group says its platform by name, or by milestoning and latency", "say `platform: {name: ...}` or `platform: {milestoning: ...}`, not both", NULL, false},
    [CHECK_LOOK_ALIKE_OWNERS] = {"look-alike-owners", SEVERITY_WARNING, REFERENCES, "owners that differ do not look alike (case, spaces, look-alike characters)", "write the same owner in the same way everywhere", check_owners, false},
    [CHECK_NO_PLATFORM] = {"no-platform", SEVERITY_WARNING, REFERENCES, "a group fits some data platform", "add a data platform to a PSP, or ask for one that there is", NULL, false},

    [CHECK_CAPTURE_KEY] = {"capture-key", SEVERITY_ERROR, CAPTURE, "a dataset's keys go with its store's capture", "remove the key, or add the one that the capture needs", check_capture, true},
    [CHECK_CAPTURE_OPTION] = {"capture-option", SEVERITY_ERROR, CAPTURE, "the options of a capture agree with each other", "change one of the options that contradict each other", NULL, false},
    [CHECK_WATERMARK] = {"watermark", SEVERITY_ERROR, CAPTURE, "an incremental dataset has a watermark column, not nullable, of a type that orders", "name a column that only grows: an integer, decimal, date or timestamp, not nullable", NULL, false},
    [CHECK_NO_KEY] = {"no-key", SEVERITY_ERROR, CAPTURE, "a dataset of an API capture has a key", "mark the columns that tell rows apart with `key: true`", check_columns, true},
    [CHECK_NULLABLE_KEY] = {"nullable-key", SEVERITY_ERROR, CAPTURE, "a key column is not nullable", "remove `nullable: true`, or take another key", NULL, false},
    [CHECK_KEY_TYPE] = {"key-type", SEVERITY_ERROR, CAPTURE, "a key column's type has an equality that databases agree on", "take a key of integers, texts, dates or a uuid", NULL, false},
    [CHECK_NO_COLUMNS] = {"no-columns", SEVERITY_ERROR, CAPTURE, "a dataset has 1 to 1,500 columns, a store has datasets", "list the columns, or split the dataset", NULL, false},
    [CHECK_UNSUPPORTED_TYPE] = {"unsupported-type", SEVERITY_ERROR, CAPTURE, "a column's type has a SQL type", "take a type that has one in SQL, such as text or json", NULL, false},
    [CHECK_TABLE_NAME] = {"table-name", SEVERITY_ERROR, CAPTURE, "a table is schema.table or table, each at most 63 bytes", "write `table` or `schema.table`", NULL, false},

    [CHECK_CLASSIFICATION_TWICE] = {"classification-twice", SEVERITY_ERROR, POLICY, "classification is on the dataset or on its columns, not both", "classify the dataset, or each of its columns", check_classification, true},
    [CHECK_MISSING_CLASSIFICATION] = {"missing-classification", SEVERITY_ERROR, POLICY, "production data is classified: the dataset, or every column", "add `classification:` to the dataset, or to each of its columns", NULL, false},
    [CHECK_POLICY] = {"policy", SEVERITY_ERROR, POLICY, "classification, location and vendor are permitted by the producer's and the consumer's zone", "move the data, change its classification, or ask the zone's owner to change its policy", check_policy, false},
    [CHECK_UNKNOWN_POLICY_VALUE] = {"policy-value", SEVERITY_ERROR, POLICY, "a policy names locations and vendors of the ecosystem", "name a vendor or a location of the Ecosystem", NULL, false},

    [CHECK_NOT_PRODUCTION] = {"not-production", SEVERITY_WARNING, LIFE, "a production workspace consumes production stores, and a production store is made by one", "consume a production store, or take `production` off the consumer", check_production, false},
    [CHECK_DEPRECATED] = {"deprecated", SEVERITY_ERROR, LIFE, "a sink with deprecation: never consumes nothing deprecated", "leave the dataset, or say `deprecation: allowed` until you have", NULL, false},
    [CHECK_DEPRECATED_ALLOWED] = {"deprecated-allowed", SEVERITY_WARNING, LIFE, "a sink with deprecation: allowed consumes something deprecated", "leave the dataset before it is removed", NULL, false},

    [CHECK_REQUEST_OVER_LIMIT] = {"request-over-limit", SEVERITY_ERROR, SIZES, "a request is not more than its limit", "lower the request or raise the limit", check_resources, true},
    [CHECK_HINT_TARGET] = {"hint-target", SEVERITY_ERROR, SIZES, "a hint names exactly one of stream, transformer, store and kind", "name one of stream, transformer, store and kind", check_psps, false},
    [CHECK_UNKNOWN_HINT] = {"unknown-hint", SEVERITY_ERROR, SIZES, "what a hint names exists", "take the name that is suggested, or remove the hint", NULL, false},
    [CHECK_MISSING_STORAGE] = {"missing-storage", SEVERITY_WARNING, SIZES, "a SQL database says its capacity", "add `storage:`, such as 20Gi", NULL, false},
    [CHECK_MISPLACED_STORAGE] = {"misplaced-storage", SEVERITY_ERROR, SIZES, "only postgres has a storage size among a PSP's defaults", "remove `storage`", NULL, false},

    [CHECK_NO_CAPTURE] = {"no-capture", SEVERITY_ERROR, TRANSFORMERS, "a store has a capture or is a transformer's output", "add `capture:`, or make the store a transformer's `output`", check_transformers, false},
    [CHECK_OUTPUT_CAPTURE] = {"output-capture", SEVERITY_ERROR, TRANSFORMERS, "a transformer's output has no capture of its own", "remove the capture, or give the transformer another output", NULL, false},
    [CHECK_OUTPUT_TEAM] = {"output-team", SEVERITY_ERROR, TRANSFORMERS, "a transformer's output is a store of its own team", "give the store to the transformer's team, or take a store of that team", NULL, false},
    [CHECK_OUTPUT_TWICE] = {"output-twice", SEVERITY_ERROR, TRANSFORMERS, "a store is the output of one transformer", "give each transformer a store of its own", NULL, false},
    [CHECK_TRANSFORMER_CYCLE] = {"transformer-cycle", SEVERITY_ERROR, TRANSFORMERS, "transformers do not wait for each other in a circle; one may read its own output", "let one of them read something else", NULL, false},
    [CHECK_IDLE_TRANSFORMER] = {"idle-transformer", SEVERITY_WARNING, TRANSFORMERS, "somebody consumes a transformer's output: else it never runs", "add a sink on its output, or remove the transformer", NULL, false},
    [CHECK_TRANSFORMER_INPUT] = {"transformer-input", SEVERITY_ERROR, TRANSFORMERS, "a transformer has an input other than its own output", "add a sink on another store", NULL, false},

    [CHECK_ASSEMBLY] = {"assembly", SEVERITY_ERROR, STACK, "an assembly's components exist and fit together", "mend the Assembly document; components.md lists what there is", NULL, false},
    [CHECK_ASSEMBLY_UNKNOWN] = {"assembly-unknown", SEVERITY_ERROR, STACK, "the assembly that a PSP names exists", "take the name that is suggested, or define the Assembly", NULL, false},
    [CHECK_DEFINITION] = {"definition", SEVERITY_ERROR, STACK, "a company's own Component or Assembly is well-formed and has a name of its own", "mend the document as the finding says", NULL, false},
    [CHECK_PARAMETER_MISSING] = {"parameter-missing", SEVERITY_ERROR, STACK, "a PSP gives every parameter that its assembly needs", "add it below `parameters:`", NULL, false},
    [CHECK_PARAMETER_UNKNOWN] = {"parameter-unknown", SEVERITY_ERROR, STACK, "a PSP gives no parameter that its assembly does not know", "take the name that is suggested, or remove it", NULL, false},
    [CHECK_PARAMETER_TYPE] = {"parameter-type", SEVERITY_ERROR, STACK, "a parameter is of its declared type", "write a value of the type that is named", NULL, false},
    [CHECK_BINDING_UNKNOWN] = {"binding-unknown", SEVERITY_ERROR, STACK, "what a parameter is bound to exists", "mend the reference in the Assembly", NULL, false},
    [CHECK_PROVIDES_TYPE] = {"provides-type", SEVERITY_ERROR, STACK, "what a component provides is of the declared type", "mend the component", NULL, false},
    [CHECK_REQUIREMENT] = {"requirement", SEVERITY_ERROR, STACK, "what a component requires is provided by one before it", "add a component that provides it, earlier in the assembly", NULL, false},
    [CHECK_TEMPLATE] = {"template", SEVERITY_ERROR, STACK, "a template of a name or value renders", "mend the template", NULL, false},
    [CHECK_STACK] = {"stack", SEVERITY_ERROR, STACK, "a PSP's stack renders into well-formed artifacts", "mend the template or parameter that is named", NULL, false},
    [CHECK_CAPACITY] = {"capacity", SEVERITY_WARNING, STACK, "the volumes of a PSP, times their replicas, are within its cluster's declared capacity", "raise `capacity`, or lower sizes or replicas", NULL, false},

    [CHECK_REFUSED_FILE] = {"refused-file", SEVERITY_ERROR, COMMIT, "a file of the commit is a plain file within the limits", "remove the link, or make the file smaller", NULL, false},
    [CHECK_UNREADABLE_TREE] = {"unreadable-tree", SEVERITY_ERROR, COMMIT, "the folder of the model is there and within the limits", "mend the folder that the ecosystem is registered with", NULL, false},
    [CHECK_ECOSYSTEM_NAME] = {"ecosystem-name", SEVERITY_WARNING, COMMIT, "an ecosystem is registered under its own name", "give both the same name", NULL, false},

    [CHECK_NOT_OWNER] = {"not-owner", SEVERITY_ERROR, OWNERSHIP, "who changes a part of the model is its owner in force, byte for byte", "push the change to the owner's repository and branch, or ask the owner", NULL, false},
    [CHECK_SEVERAL_OWNERS] = {"several-owners", SEVERITY_ERROR, OWNERSHIP, "a commit changes parts of one owner", "make one commit for each owner", NULL, false},
    [CHECK_STANDING_DEFINITION] = {"standing-definition", SEVERITY_ERROR, OWNERSHIP, "a declaration of a zone or team goes after what its owner has defined", "let its owner remove the definitions first", NULL, false},

    [CHECK_BREAKING_REMOVAL] = {"breaking-removal", SEVERITY_ERROR, COMPATIBILITY, "a dataset in use is not removed", "deprecate it, let its readers leave, then remove it", NULL, false},
    [CHECK_BREAKING_COLUMN] = {"breaking-column", SEVERITY_ERROR, COMPATIBILITY, "a column of a dataset in use is not removed", "keep it, or let the readers leave first", NULL, false},
    [CHECK_BREAKING_KEY] = {"breaking-key", SEVERITY_ERROR, COMPATIBILITY, "the key of a dataset in use stays, in its order", "add a dataset with the other key", NULL, false},
    [CHECK_BREAKING_NOT_NULL] = {"breaking-not-null", SEVERITY_ERROR, COMPATIBILITY, "a nullable column of a dataset in use stays nullable", "leave it nullable", NULL, false},
    [CHECK_BREAKING_NEW_COLUMN] = {"breaking-new-column", SEVERITY_ERROR, COMPATIBILITY, "a new column of a dataset in use is nullable", "add `nullable: true`", NULL, false},
    [CHECK_BREAKING_TYPE] = {"breaking-type", SEVERITY_ERROR, COMPATIBILITY, "a column of a dataset in use keeps its type, or takes one that holds all its values", "keep the type, or add a column of the other type", NULL, false},
    [CHECK_BREAKING_CLASSIFICATION] = {"breaking-classification", SEVERITY_ERROR, COMPATIBILITY, "the classification of a dataset in use stays", "add a dataset with the other classification, and let the readers move", NULL, false},
    [CHECK_NOW_NULLABLE] = {"now-nullable", SEVERITY_WARNING, COMPATIBILITY, "a column of a dataset in use does not become nullable unawares", "tell the readers", NULL, false},
    [CHECK_APPROVED] = {"approved-breaking", SEVERITY_WARNING, COMPATIBILITY, "breaking changes that somebody approved by the plan's id pass, and are told", "help the readers that are named", NULL, false},
};
/* clang-format on */
