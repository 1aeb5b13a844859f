#ifndef YELLOW_CLI_CONFIG_H
#define YELLOW_CLI_CONFIG_H

#include "base/buf.h"
#include "base/log.h"
#include "cli/options.h"

/* Settings: one table (config.c) of what there is. Flags win over the environment (YELLOW_...), that over the YAML file
 * (--config FILE or YELLOW_CONFIG), that over the default; each value knows where it came from. */
enum config_key {
    CONFIG_DATABASE,
    CONFIG_EMBEDDED,
    CONFIG_LISTEN,
    CONFIG_PORT,
    CONFIG_STATE,
    CONFIG_ADMIN_TOKEN_FILE,
    CONFIG_LOG_LEVEL,
    CONFIG_WORKERS,
    CONFIG_THREADS,
    CONFIG_CONNECTIONS,
    CONFIG_HEADER_DEADLINE,
    CONFIG_BODY_DEADLINE,
    CONFIG_IDLE_DEADLINE,
    CONFIG_BODY_MEMORY,
    CONFIG_POOL_SIZE,
    CONFIG_CONNECT_DEADLINE,
    CONFIG_TAKE_DEADLINE,
    CONFIG_STATEMENT_DEADLINE,
    CONFIG_CLAIM_LEASE,
    CONFIG_RUN_LEASE,
    CONFIG_FETCH_DEADLINE,
    CONFIG_FETCH_SIZE,
    CONFIG_FILE_SIZE,
    CONFIG_FILE_COUNT,
    CONFIG_TOTAL_SIZE,
    CONFIG_MODEL_MEMORY,
    CONFIG_POLL_INTERVAL,
    CONFIG_SCHEDULER,
    CONFIG_SCHEDULER_JOBS,
    CONFIG_SCHEDULER_PER_SOURCE,
    CONFIG_SCHEDULER_PER_TARGET,
    CONFIG_SCHEDULER_RETRY,
    CONFIG_SCHEDULER_RETRY_MAX,
    CONFIG_COUNT
};

/* Which commands read a setting. */
enum { CONFIG_OF_DATABASE = 1, CONFIG_OF_SERVE = 2 };

enum config_type {
    CONFIG_TEXT,
    CONFIG_NUMBER,
    CONFIG_DURATION, /* "500ms", "30s", "5m", "2h"; in milliseconds */
    CONFIG_SIZE,     /* "512KiB", "25MiB", "1GiB", or bytes */
    CONFIG_CHOICE
};

struct config_setting {
    const char *flag; /* without "--" */
    const char *env;
    const char *path; /* in the YAML file: "http.body_memory" */
    enum config_type type;
    const char *value;   /* the default; "" is unset */
    const char *choices; /* "debug info warn error" */
    int64_t min, max;
    bool secret; /* shown as set or unset */
    unsigned groups;
    const char *operand, *doc;
};
extern const struct config_setting config_settings[CONFIG_COUNT];

struct config_value {
    const char *text;   /* as it was given; "" is unset */
    int64_t number;     /* of a number, duration or size */
    const char *origin; /* "flag --port", "environment YELLOW_PORT", "file conf.yaml:3", "default" */
    int rank;           /* 3 flag, 2 environment, 1 file, 0 default */
};

struct config {
    struct config_value values[CONFIG_COUNT];
};

/* The flags of the settings of some groups, and --config; for 0, none. */
const struct cli_option *config_options(unsigned groups);
/* Flags out of args, variables out of env (NULL: the process's own), the file. Every error names flag, variable or
 * file:line:column: ERR_USAGE for flags, ERR_INVALID otherwise. Texts are on the arena of args. */
int config_load(const struct cli_args *args, const char *const *env, struct config *out, struct err *err);

static inline const char *config_text(const struct config *config, enum config_key key)
{
    return config->values[key].text;
}
static inline bool config_is_set(const struct config *config, enum config_key key)
{
    return *config->values[key].text != '\0';
}
static inline int64_t config_number(const struct config *config, enum config_key key)
{
    return config->values[key].number;
}

enum log_level config_log_level(const struct config *config);

/* Every setting, its value and where it came from; never a secret's value. */
void config_explain(struct arena *arena, const struct config *config, bool json, struct buf *out);

#endif
