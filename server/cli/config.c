#include "cli/config.h"

#include "base/file.h"
#include "base/json.h"
#include "base/yaml.h"

#include <stdlib.h>

#define BOTH (CONFIG_OF_DATABASE | CONFIG_OF_SERVE)
#define SERVE CONFIG_OF_SERVE
#define MINUTES(n) ((int64_t)(n)*60000)
#define MIB(n) ((int64_t)(n) << 20)

const struct config_setting config_settings[CONFIG_COUNT] = {
    [CONFIG_DATABASE] = {"database", "YELLOW_DATABASE", "database.url", .secret = true, .value = "", .groups = BOTH,
                         .operand = "URL", .doc = "PostgreSQL to use: postgresql://user@host:5432/name"},
    [CONFIG_EMBEDDED] = {"embedded-postgres", "YELLOW_EMBEDDED_POSTGRES", "database.embedded", .value = "",
                         .groups = BOTH, .operand = "DIR", .doc = "a private PostgreSQL in DIR instead"},
    [CONFIG_LISTEN] = {"listen", "YELLOW_LISTEN", "http.listen", .value = "127.0.0.1", .groups = SERVE,
                       .operand = "ADDRESS", .doc = "address to listen on"},
    [CONFIG_PORT] = {"port", "YELLOW_PORT", "http.port", CONFIG_NUMBER, "8080", .min = 0, .max = 65535, .groups = SERVE,
                     .operand = "N", .doc = "port to listen on; 0: any free one"},
    [CONFIG_STATE] = {"state", "YELLOW_STATE", "state", .value = ".yellow", .groups = SERVE, .operand = "DIR",
                      .doc = "folder of the git mirrors"},
    [CONFIG_ADMIN_TOKEN_FILE] = {"admin-token-file", "YELLOW_ADMIN_TOKEN_FILE", "admin_token_file", .value = "",
                                 .groups = SERVE, .operand = "FILE",
                                 .doc = "where the first start writes the admin token (else standard output)"},
    [CONFIG_LOG_LEVEL] = {"log-level", "YELLOW_LOG_LEVEL", "log.level", CONFIG_CHOICE, "info",
                          .choices = "debug info warn error", .groups = SERVE, .operand = "LEVEL",
                          .doc = "least severe lines that are logged: debug, info, warn or error"},
    [CONFIG_WORKERS] = {"workers", "YELLOW_WORKERS", "workers", CONFIG_NUMBER, "2", .min = 0, .max = 64,
                        .groups = SERVE, .operand = "N", .doc = "threads that merge deliveries"},
    [CONFIG_THREADS] = {"http-threads", "YELLOW_HTTP_THREADS", "http.threads", CONFIG_NUMBER, "0", .min = 0, .max = 64,
                        .groups = SERVE, .operand = "N", .doc = "threads that serve connections; 0: one a core"},
    [CONFIG_CONNECTIONS] = {"http-connections", "YELLOW_HTTP_CONNECTIONS", "http.connections", CONFIG_NUMBER, "4096",
                            .min = 1, .max = 1000000, .groups = SERVE, .operand = "N", .doc = "connections at once"},
    [CONFIG_HEADER_DEADLINE] = {"header-deadline", "YELLOW_HEADER_DEADLINE", "http.header_deadline", CONFIG_DURATION,
                                "10s", .min = 1, .max = MINUTES(10), .groups = SERVE, .operand = "TIME",
                                .doc = "for all headers of a request"},
    [CONFIG_BODY_DEADLINE] = {"body-deadline", "YELLOW_BODY_DEADLINE", "http.body_deadline", CONFIG_DURATION, "60s",
                              .min = 1, .max = MINUTES(60), .groups = SERVE, .operand = "TIME",
                              .doc = "for the body of a request"},
    [CONFIG_IDLE_DEADLINE] = {"idle-deadline", "YELLOW_IDLE_DEADLINE", "http.idle_deadline", CONFIG_DURATION, "75s",
                              .min = 1000, .max = MINUTES(60), .groups = SERVE, .operand = "TIME",
                              .doc = "for a connection without a request"},
    [CONFIG_BODY_MEMORY] = {"body-memory", "YELLOW_BODY_MEMORY", "http.body_memory", CONFIG_SIZE, "256MiB",
                            .min = MIB(64), .max = MIB(65536), .groups = SERVE, .operand = "SIZE",
                            .doc = "request bodies in memory at once, all connections; half of it without a token"},
    [CONFIG_POOL_SIZE] = {"pool-size", "YELLOW_POOL_SIZE", "database.pool_size", CONFIG_NUMBER, "10", .min = 1,
                          .max = 1000, .groups = SERVE, .operand = "N", .doc = "connections to the database"},
    [CONFIG_CONNECT_DEADLINE] = {"connect-deadline", "YELLOW_CONNECT_DEADLINE", "database.connect_deadline",
                                 CONFIG_DURATION, "5s", .min = 1, .max = MINUTES(10), .groups = BOTH, .operand = "TIME",
                                 .doc = "for connecting to the database"},
    [CONFIG_TAKE_DEADLINE] = {"take-deadline", "YELLOW_TAKE_DEADLINE", "database.take_deadline", CONFIG_DURATION, "5s",
                              .min = 1, .max = MINUTES(10), .groups = SERVE, .operand = "TIME",
                              .doc = "for waiting until a connection is free"},
    [CONFIG_STATEMENT_DEADLINE] = {"statement-deadline", "YELLOW_STATEMENT_DEADLINE", "database.statement_deadline",
                                   CONFIG_DURATION, "30s", .min = 1, .max = MINUTES(60), .groups = SERVE,
                                   .operand = "TIME", .doc = "for one statement"},
    [CONFIG_CLAIM_LEASE] = {"claim-lease", "YELLOW_CLAIM_LEASE", "lease.claim", CONFIG_DURATION, "60s", .min = 100,
                            .max = MINUTES(60), .groups = SERVE, .operand = "TIME",
                            .doc = "a worker's claim on a delivery ends without a sign of life"},
    [CONFIG_RUN_LEASE] = {"run-lease", "YELLOW_RUN_LEASE", "lease.run", CONFIG_DURATION, "2m", .min = 100,
                          .max = MINUTES(24 * 60), .groups = SERVE, .operand = "TIME",
                          .doc = "a run without heartbeat is lost after it"},
    [CONFIG_FETCH_DEADLINE] = {"fetch-deadline", "YELLOW_FETCH_DEADLINE", "fetch.deadline", CONFIG_DURATION, "2m",
                               .min = 100, .max = MINUTES(24 * 60), .groups = SERVE, .operand = "TIME",
                               .doc = "for one fetch of a repository"},
    [CONFIG_FETCH_SIZE] = {"fetch-size", "YELLOW_FETCH_SIZE", "fetch.size", CONFIG_SIZE, "256MiB", .min = 1024,
                           .max = MIB(1 << 20), .groups = SERVE, .operand = "SIZE",
                           .doc = "most that one fetch may receive"},
    [CONFIG_FILE_SIZE] = {"file-size", "YELLOW_FILE_SIZE", "fetch.file_size", CONFIG_SIZE, "1MiB", .min = 1,
                          .max = MIB(1024), .groups = SERVE, .operand = "SIZE", .doc = "largest file of a model"},
    [CONFIG_FILE_COUNT] = {"file-count", "YELLOW_FILE_COUNT", "fetch.file_count", CONFIG_NUMBER, "10000", .min = 1,
                           .max = 10000000, .groups = SERVE, .operand = "N", .doc = "most files of a model"},
    [CONFIG_TOTAL_SIZE] = {"total-size", "YELLOW_TOTAL_SIZE", "fetch.total_size", CONFIG_SIZE, "64MiB", .min = 1,
                           .max = MIB(1 << 20), .groups = SERVE, .operand = "SIZE",
                           .doc = "most bytes of all files of a model"},
    [CONFIG_MODEL_MEMORY] = {"model-memory", "YELLOW_MODEL_MEMORY", "fetch.model_memory", CONFIG_SIZE, "512MiB",
                             .min = 0, .max = MIB(1 << 20), .groups = SERVE, .operand = "SIZE",
                             .doc = "most memory for models that were read, so that the next commit is read by what "
                                    "differs"},
    [CONFIG_POLL_INTERVAL] = {"poll-interval", "YELLOW_POLL_INTERVAL", "poll.interval", CONFIG_DURATION, "3m", .min = 0,
                              .max = MINUTES(24 * 60), .groups = SERVE, .operand = "TIME",
                              .doc = "between looks at a repository, for webhooks that were missed; 0s: never"},
    [CONFIG_SCHEDULER] = {"scheduler", "YELLOW_SCHEDULER", "scheduler.kind", CONFIG_CHOICE, "none",
                          .choices = "none local", .groups = SERVE, .operand = "KIND",
                          .doc = "who starts jobs: local, this server on this machine; none, somebody else"},
    [CONFIG_SCHEDULER_JOBS] = {"scheduler-jobs", "YELLOW_SCHEDULER_JOBS", "scheduler.jobs", CONFIG_NUMBER, "4",
                               .min = 1, .max = 1000, .groups = SERVE, .operand = "N",
                               .doc = "jobs at once on this machine"},
    [CONFIG_SCHEDULER_PER_SOURCE] = {"scheduler-per-source", "YELLOW_SCHEDULER_PER_SOURCE", "scheduler.per_source",
                                     CONFIG_NUMBER, "4", .min = 1, .max = 1000, .groups = SERVE, .operand = "N",
                                     .doc = "jobs at once that read one container"},
    [CONFIG_SCHEDULER_PER_TARGET] = {"scheduler-per-target", "YELLOW_SCHEDULER_PER_TARGET", "scheduler.per_target",
                                     CONFIG_NUMBER, "16", .min = 1, .max = 1000, .groups = SERVE, .operand = "N",
                                     .doc = "jobs at once that write one merge database"},
    [CONFIG_SCHEDULER_RETRY] = {"scheduler-retry", "YELLOW_SCHEDULER_RETRY", "scheduler.retry", CONFIG_DURATION, "10s",
                                .min = 1, .max = MINUTES(24 * 60), .groups = SERVE, .operand = "TIME",
                                .doc = "pause after a job's first failure; it doubles with each"},
    [CONFIG_SCHEDULER_RETRY_MAX] = {"scheduler-retry-max", "YELLOW_SCHEDULER_RETRY_MAX", "scheduler.retry_max",
                                    CONFIG_DURATION, "15m", .min = 1, .max = MINUTES(24 * 60), .groups = SERVE,
                                    .operand = "TIME", .doc = "longest pause after a failure"},
};

const struct cli_option *config_options(unsigned groups)
{
    static struct cli_option tables[4][CONFIG_COUNT + 2];
    struct cli_option *table = tables[groups & BOTH];
    size_t n = 0;
    if (groups)
        table[n++] = (struct cli_option){"config", "FILE", "a YAML file of settings", 0};
    for (size_t i = 0; i < CONFIG_COUNT; i++) {
        const struct config_setting *s = &config_settings[i];
        if (s->groups & groups)
            table[n++] = (struct cli_option){s->flag, s->operand, s->doc, 0};
    }
    return table;
}

/* The units of a type, from the smallest. */
static const struct unit {
    const char *name;
    int64_t factor;
} units[][7] = {
    [CONFIG_NUMBER] = {{"", 1}},
    [CONFIG_DURATION] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}},
    [CONFIG_SIZE] =
        {{"", 1}, {"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", (int64_t)1 << 40}},
};

static bool read_number(enum config_type type, struct str text, int64_t *out)
{
    size_t digits = 0;
    int64_t number;
    while (digits < text.len && text.data[digits] >= '0' && text.data[digits] <= '9')
        digits++;
    if (!str_int64((struct str){text.data, digits}, 0, INT64_MAX, &number))
        return false;
    for (const struct unit *unit = units[type]; unit->name; unit++)
        if (str_eqz((struct str){text.data + digits, text.len - digits}, unit->name))
            return !__builtin_mul_overflow(number, unit->factor, out);
    return false;
}

enum { NUMBER_TEXT = 32 };

/* In the largest unit that it is a multiple of. */
static const char *show_number(enum config_type type, int64_t number, char out[NUMBER_TEXT])
{
    const struct unit *best = units[type];
    for (const struct unit *unit = best; unit->name && number; unit++)
        if (number % unit->factor == 0)
            best = unit;
    (void)snprintf(out, NUMBER_TEXT, "%lld%s", (long long)(number / best->factor), best->name);
    return out;
}

static bool is_choice(const char *choices, struct str text)
{
    struct str rest = str_from(choices);
    while (rest.data)
        if (str_eq(str_cut(&rest, ' '), text))
            return true;
    return false;
}

/* Checks text and puts it in place. The error does not quote the value of a secret. */
static int set_value(struct config_value *value, const struct config_setting *s, const char *text, struct err *err)
{
    static const char *const wanted[] = {[CONFIG_NUMBER] = "a number",
                                         [CONFIG_DURATION] = "a time such as 500ms, 30s, 5m or 2h",
                                         [CONFIG_SIZE] = "a size such as 512KiB, 25MiB or 1GiB"};
    if (s->type == CONFIG_TEXT) {
        value->text = text;
        return 0;
    }
    if (s->type == CONFIG_CHOICE) {
        if (!is_choice(s->choices, str_from(text)))
            return err_set(err, ERR_INVALID, "\"%s\" is none of: %s", text, s->choices);
        value->text = text;
        return 0;
    }
    int64_t number;
    if (!read_number(s->type, str_from(text), &number))
        return err_set(err, ERR_INVALID, "\"%s\" is not %s", text, wanted[s->type]);
    char min[NUMBER_TEXT], max[NUMBER_TEXT];
    if (number < s->min || number > s->max)
        return err_set(err, ERR_INVALID, "%s is out of range: %s to %s", text, show_number(s->type, s->min, min),
                       show_number(s->type, s->max, max));
    value->text = text;
    value->number = number;
    return 0;
}

static const char *env_get(const char *const *env, const char *name)
{
    if (!env)
        return getenv(name);
    size_t len = strlen(name);
    for (; *env; env++)
        if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
            return *env + len + 1;
    return NULL;
}

struct file_reader {
    struct arena *arena;
    const char *path;
    struct config *config;
};

static const struct config_setting *find_path(const char *path, bool *is_folder)
{
    size_t len = strlen(path);
    *is_folder = false;
    for (size_t i = 0; i < CONFIG_COUNT; i++) {
        if (strcmp(config_settings[i].path, path) == 0)
            return &config_settings[i];
        if (strncmp(config_settings[i].path, path, len) == 0 && config_settings[i].path[len] == '.')
            *is_folder = true;
    }
    return NULL;
}

static int read_mapping(const struct file_reader *r, const struct yaml_node *node, const char *prefix, struct err *err)
{
    for (size_t i = 0; i < node->len; i++) {
        const struct yaml_node *key = &node->keys[i], *item = &node->items[i];
        const char *path = arena_printf(r->arena, "%s%s%s", prefix, *prefix ? "." : "", key->text.data);
        bool is_folder = false;
        const struct config_setting *s = find_path(path, &is_folder);
        int rc = 0;
        if (is_folder && item->type == YAML_MAPPING) {
            rc = read_mapping(r, item, path, err);
            if (rc)
                return rc;
            continue;
        }
        if (!s && !is_folder)
            rc = err_set(err, ERR_INVALID, "%s:%u:%u: unknown setting %s", r->path, key->line, key->column, path);
        else if (!s)
            rc = err_set(err, ERR_INVALID, "%s:%u:%u: %s holds settings, not a value", r->path, item->line,
                         item->column, path);
        else if (item->type != YAML_SCALAR || item->scalar == YAML_NULL)
            rc = err_set(err, ERR_INVALID, "%s:%u:%u: %s: not a single value", r->path, item->line, item->column, path);
        if (rc)
            return rc;
        struct config_value *value = &r->config->values[s - config_settings];
        rc = set_value(value, s, item->text.data, err);
        if (rc)
            return err_prefix(err, "%s:%u:%u: %s", r->path, item->line, item->column, path);
        value->rank = 1;
        value->origin = arena_printf(r->arena, "file %s:%u", r->path, item->line);
    }
    return 0;
}

static int read_file(struct arena *arena, const char *path, struct config *config, struct err *err)
{
    static const struct yaml_limits limits = {1 << 20, 8, 1000};
    struct file_reader reader = {arena, path, config};
    struct yaml_node *root = NULL;
    struct str text;
    int rc = file_read(arena, path, limits.bytes, &text, err);
    if (rc)
        return err_prefix(err, "settings");
    if (str_trim(text).len == 0)
        return 0;
    rc = yaml_read_one(arena, text, &limits, &root, err);
    if (rc)
        return err_prefix(err, "%s", path);
    if (root->type != YAML_MAPPING)
        return err_set(err, ERR_INVALID, "%s:%u:%u: not a mapping of settings", path, root->line, root->column);
    return read_mapping(&reader, root, "", err);
}

int config_load(const struct cli_args *args, const char *const *env, struct config *out, struct err *err)
{
    struct arena *arena = args->arena;
    int rc = 0;
    *out = (struct config){0};
    for (size_t i = 0; !rc && i < CONFIG_COUNT; i++) {
        out->values[i].origin = "default";
        rc = set_value(&out->values[i], &config_settings[i], config_settings[i].value, err);
    }
    const char *path = cli_value(args, "config") ? cli_value(args, "config") : env_get(env, "YELLOW_CONFIG");
    if (!rc && path && *path)
        rc = read_file(arena, path, out, err);
    for (size_t i = 0; !rc && i < CONFIG_COUNT; i++) {
        const struct config_setting *s = &config_settings[i];
        struct config_value *value = &out->values[i];
        const char *variable = env_get(env, s->env), *flag = cli_value(args, s->flag);
        if (variable && *variable) {
            rc = set_value(value, s, arena_strdup(arena, variable), err);
            if (rc)
                return err_prefix(err, "%s", s->env);
            value->rank = 2;
            value->origin = arena_printf(arena, "environment %s", s->env);
        }
        if (flag) {
            rc = set_value(value, s, flag, err);
            if (rc) {
                (void)err_prefix(err, "--%s", s->flag);
                err->code = ERR_USAGE;
                return -ERR_USAGE;
            }
            value->rank = 3;
            value->origin = arena_printf(arena, "flag --%s", s->flag);
        }
    }
    return rc;
}

enum log_level config_log_level(const struct config *config)
{
    static const enum log_level levels[] = {['d'] = LOG_DEBUG, ['i'] = LOG_INFO, ['w'] = LOG_WARN, ['e'] = LOG_ERROR};
    return levels[(unsigned char)*config_text(config, CONFIG_LOG_LEVEL)];
}

static const char *shown(const struct config_setting *s, const struct config_value *value)
{
    return s->secret ? (*value->text ? "set" : "unset") : value->text;
}

void config_explain(struct arena *arena, const struct config *config, bool json, struct buf *out)
{
    json_t *list = json ? json_own(arena, json_array()) : NULL;
    for (size_t i = 0; i < CONFIG_COUNT; i++) {
        const struct config_setting *s = &config_settings[i];
        const struct config_value *value = &config->values[i];
        if (json)
            (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "setting", s->path, "value",
                                                        shown(s, value), "origin", value->origin, "flag", s->flag,
                                                        "environment", s->env));
        else
            buf_addf(out, "%-28s %-24s %s\n", s->path, *shown(s, value) ? shown(s, value) : "-", value->origin);
    }
    if (json) {
        json_write(out, list);
        buf_addc(out, '\n');
    }
}
