#include "git/fetch.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/proc.h"
#include "git/mirror.h"
#include "git/url.h"

#include <signal.h>
#include <stdlib.h>

/* What the child may know of this process; everything else stays here. */
static const char *const passed_on[] = {"HOME", "SSL_CERT_FILE", "YELLOW_GIT_SSH_KEY", "YELLOW_GIT_TOKEN_FILE"};

enum { PASSED_ON = sizeof passed_on / sizeof *passed_on, OUTPUT_MAX = 16384 };

static const char *const *child_env(struct arena *arena)
{
    const char **env = arena_calloc(arena, PASSED_ON + 2, sizeof *env);
    size_t n = 0;
    env[n++] = "LC_ALL=C.UTF-8";
    for (size_t i = 0; i < PASSED_ON; i++) {
        const char *value = getenv(passed_on[i]);
        if (value)
            env[n++] = arena_printf(arena, "%s=%s", passed_on[i], value);
    }
    return env;
}

/* Beyond what is received: the program itself, mapped windows of packs, the tables of the index that is built. */
static size_t memory_limit(size_t fetch_bytes)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    (void)fetch_bytes;
    return 0; /* AddressSanitizer reserves terabytes of addresses */
#else
    return ((size_t)1 << 30) + 2 * fetch_bytes;
#endif
}

static enum err_code code_of(const char *name)
{
    for (int code = ERR_NONE + 1; code < ERR_CODE_COUNT; code++)
        if (!strcmp(err_kind((enum err_code)code)->name, name))
            return (enum err_code)code;
    return ERR_INTERNAL;
}

static int read_result(struct arena *arena, const struct proc_result *result, char head[GIT_OID_TEXT], struct err *err)
{
    if (result->signal == SIGXFSZ)
        return err_set(err, ERR_TOO_LARGE, "the repository is larger than a fetch may store");
    if (result->exit_code < 0)
        return err_set(err, ERR_UNAVAILABLE, "the fetch was ended by signal %d", result->signal);

    json_t *line = NULL;
    if (json_read(arena, result->output, &line, ERR_IGNORED) || !json_is_object(line))
        return err_set(err, ERR_INTERNAL, "the fetch ended with exit code %d and no result", result->exit_code);
    const char *oid = json_text(line, "head");
    const char *error = json_text(line, "error");
    if (oid && result->exit_code == 0) {
        git_oid id;
        int rc = git_mirror_oid(oid, &id, err);
        if (rc == 0)
            memcpy(head, oid, GIT_OID_TEXT);
        return rc;
    }
    if (!error)
        return err_set(err, ERR_INTERNAL, "the fetch ended with exit code %d and no result", result->exit_code);
    const char *text = json_text(line, "text");
    const char *hint = json_text(line, "hint");
    int rc = err_set(err, code_of(error), "%s", text ? text : "the fetch failed");
    if (hint && *hint)
        err_hint(err, "%s", hint);
    return rc;
}

int git_fetch_with(struct arena *arena, const char *dir, const char *url, const char *branch,
                   const struct git_limits *limits, const struct git_fetch_options *options, char head[GIT_OID_TEXT],
                   struct err *err)
{
    static const struct git_fetch_options none;
    struct git_url parsed;
    int rc;
    if (!options)
        options = &none;
    if (!limits)
        limits = &git_default_limits;
    if ((rc = git_url_parse(url, options->loopback_http, &parsed, err)) || (rc = git_check_ref(branch, err)))
        return rc;
    const char *slash = strrchr(dir, '/');
    if (slash && slash > dir && (rc = file_make_dirs(arena_strndup(arena, dir, (size_t)(slash - dir)), 0700, err)))
        return rc;

    const char *argv[] = {
        options->executable ? options->executable : proc_self(arena),
        "git-fetch",
        dir,
        url,
        branch,
        arena_printf(arena, "%zu", limits->fetch_bytes),
        options->loopback_http ? "--loopback-http" : NULL,
        NULL,
    };
    struct proc_options run = {
        .argv = argv,
        .env = child_env(arena),
        .output_cap = OUTPUT_MAX,
        .deadline_ms = limits->fetch_ms,
        .memory_limit = memory_limit(limits->fetch_bytes),
        /* The pack, with room for the bases that a thin one lacks, and its index. */
        .file_limit = 2 * limits->fetch_bytes + ((size_t)16 << 20),
    };
    struct proc_result result = {0};
    rc = proc_run(arena, &run, &result, err);
    if (rc == -ERR_TIMEOUT)
        return err_set(err, ERR_TIMEOUT, "the fetch took longer than %lld ms", (long long)limits->fetch_ms);
    if (rc) {
        err_prefix(err, "git fetch");
        return rc;
    }
    return read_result(arena, &result, head, err);
}

int git_fetch(struct arena *arena, const char *dir, const char *url, const char *branch,
              const struct git_limits *limits, char head[GIT_OID_TEXT], struct err *err)
{
    return git_fetch_with(arena, dir, url, branch, limits, NULL, head, err);
}
