#include "base/file.h"
#include "base/proc.h"
#include "base/time.h"
#include "ingest/archive.h"
#include "ingest/credential.h"
#include "ingest/naming.h"
#include "ingest/session.h"
#include "ingest/transform.h"
#include "model/cause.h"

#include <stdlib.h>
#include <unistd.h>

enum { OUTPUT_MAX = 16 << 20, CODE_MS = 180000, MESSAGE_MAX = 1500, REMOVE_MS = 1500, CERTIFICATES_MAX = 1 << 20 };

/* A program under way. */
struct program {
    struct arena *arena;
    const struct work *work;
    const struct transformer *transformer;
    const char *schema;
    int version;        /* of the merge database's server */
    const char *folder; /* of its own, gone afterwards */
    struct progress *progress;
    const char **cause;
};

extern char **environ;

static int fail(struct program *p, const char *cause, int rc)
{
    *p->cause = cause;
    return rc;
}

/* --- how it reaches the database --- */

/* One setting of libpq's service file: a line has no quotes, and nothing after its value. */
static int add_setting(struct buf *out, const char *key, const char *value, struct err *err)
{
    if (strpbrk(value, "\r\n"))
        return err_set(err, ERR_INVALID, "the merge credential's %s has a line end", key);
    buf_addf(out, "%s=%s\n", key, value);
    return 0;
}

/* What a session of the job's own is like, the role and both schemas, set before the program's first statement. */
static const char *options_of(struct program *p)
{
    const struct work *work = p->work;
    return arena_printf(p->arena, "%s -c role=%s -c search_path=%s,%s", session_options(p->arena, p->version),
                        naming_output_schema(p->arena, work->ecosystem, work->platform, p->transformer->name),
                        p->schema,
                        naming_view_schema(p->arena, work->ecosystem, work->platform, work->workspace->name));
}

/* A container sees the program's folder alone. */
static int copy_certificates(struct program *p, const char **path, struct err *err)
{
    struct str text;
    const char *copy = arena_printf(p->arena, "%s/ca.crt", p->folder);
    if (file_read(p->arena, *path, CERTIFICATES_MAX, &text, err) != 0 || file_write(copy, text, 0600, err) != 0)
        return -(int)err->code;
    *path = copy;
    return 0;
}

static int write_service(struct program *p, const char **path, struct err *err)
{
    struct credential_parameters parameters;
    struct buf *out = buf_new(p->arena);
    *path = arena_printf(p->arena, "%s/pg_service.conf", p->folder);
    if (credential_parameters(p->arena, p->work->merge, p->work->merge_credential, &parameters, err) != 0)
        return -(int)err->code;
    buf_adds(out, "[yellow]\n");
    for (size_t i = 0; i < parameters.len; i++) {
        const char *key = parameters.items[i].key, *value = parameters.items[i].value;
        if (strcmp(key, "sslrootcert") == 0 && copy_certificates(p, &value, err) != 0)
            return -(int)err->code;
        if (add_setting(out, key, value, err) != 0)
            return -(int)err->code;
    }
    if (add_setting(out, "options", options_of(p), err) != 0 || add_setting(out, "client_encoding", "UTF8", err) != 0)
        return -(int)err->code;
    return file_write(*path, buf_str(out), 0600, err);
}

/* The job's own, without what is the job's alone: its token, and values of credentials. */
static const char **make_environment(struct program *p, const char *service)
{
    size_t n = 0, count = 0;
    while (environ[n])
        n++;
    const char **env = arena_calloc(p->arena, n + 7, sizeof *env);
    for (size_t i = 0; i < n; i++)
        if (strncmp(environ[i], "YELLOW_", 7) != 0 && strncmp(environ[i], "PG", 2) != 0)
            env[count++] = environ[i];
    env[count++] = "PGSERVICE=yellow";
    env[count++] = arena_printf(p->arena, "PGSERVICEFILE=%s", service);
    env[count++] = arena_printf(p->arena, "YELLOW_TRANSFORMER=%s", p->transformer->name);
    env[count++] = arena_printf(p->arena, "YELLOW_OUTPUT_SCHEMA=%s", p->schema);
    env[count++] =
        arena_printf(p->arena, "YELLOW_INPUT_SCHEMA=%s",
                     naming_view_schema(p->arena, p->work->ecosystem, p->work->platform, p->work->workspace->name));
    env[count++] = "PYTHONDONTWRITEBYTECODE=1";
    return env;
}

/* --- running it --- */

/* The end of what it said: its last lines tell more than its first. */
static const char *last_words(struct arena *arena, struct str errors)
{
    errors = str_trim(errors);
    if (errors.len > MESSAGE_MAX) {
        errors.data += errors.len - MESSAGE_MAX;
        errors.len = MESSAGE_MAX;
        (void)str_cut(&errors, '\n');
    }
    return str_is_utf8(errors) ? arena_strndup(arena, errors.data ? errors.data : "", errors.len)
                               : "what it said is not in UTF-8";
}

static bool mentions(struct str text, const char *word)
{
    return text.data && memmem(text.data, text.len, word, strlen(word)) != NULL;
}

static int run_program(struct program *p, const char *const *argv, const char *cwd, struct err *err)
{
    const char *service;
    struct proc_result result;
    if (write_service(p, &service, err) != 0)
        return fail(p, "configuration", -(int)err->code);
    struct proc_options options = {.argv = argv,
                                   .env = make_environment(p, service),
                                   .cwd = cwd,
                                   .output_cap = OUTPUT_MAX,
                                   .stop_fd = p->progress->wake_fd,
                                   .alone = true};
    int rc = proc_run(p->arena, &options, &result, err);
    if (rc)
        return fail(p,
                    rc == -ERR_CANCELLED   ? cause_cancelled
                    : rc == -ERR_TOO_LARGE ? "transform-failed"
                                           : "configuration",
                    rc);
    (void)fwrite(result.output.data, 1, result.output.len, stderr); /* standard output is the job's outcome */
    (void)fwrite(result.errors.data, 1, result.errors.len, stderr);
    if (result.exit_code == 0)
        return 0;
    bool memory = result.out_of_memory || result.exit_code == EXIT_OUT_OF_MEMORY ||
                  mentions(result.errors, "MemoryError") || mentions(result.errors, "Cannot allocate memory");
    if (result.signal)
        (void)err_set(err, ERR_INVALID, "transformer %s was ended by signal %d", p->transformer->name, result.signal);
    else
        (void)err_set(err, ERR_INVALID, "transformer %s ended with exit code %d: %s", p->transformer->name,
                      result.exit_code, last_words(p->arena, result.errors));
    return fail(p, memory ? "out-of-memory" : "transform-failed", -(int)err->code);
}

/* --- Python --- */

static bool is_busy(const struct err *err)
{
    return err->code == ERR_BUSY;
}

static int get_code(struct program *p, const struct server *server, const char *folder, struct err *err)
{
    struct server_answer answer;
    const struct work *work = p->work;
    struct server_call call = {.method = HTTP_GET,
                               .path = arena_printf(p->arena, "/v1/ecosystems/%s/platforms/%s/transformers/%s/code",
                                                    work->ecosystem, work->platform, work->name),
                               .deadline_ms = CODE_MS};
    int rc = server_insist(server, p->arena, &call, time_monotonic_ms() + CODE_MS, p->progress, is_busy, &answer, err);
    if (rc) {
        (void)err_prefix(err, "the code of transformer %s", p->transformer->name);
        return fail(p, "configuration", rc);
    }
    rc = file_make_dirs(folder, 0700, err);
    if (!rc)
        rc = archive_unpack(p->arena, answer.body, folder, err);
    return rc ? fail(p, rc == -ERR_IO ? "internal" : "configuration", rc) : 0;
}

static int run_python(struct program *p, const struct server *server, struct err *err)
{
    const char *entry = p->transformer->entry, *code = arena_printf(p->arena, "%s/code", p->folder);
    bool file = str_ends(str_from(entry), STR(".py"));
    const char *const as_file[] = {"python3", entry, NULL}, *const as_module[] = {"python3", "-m", entry, NULL};
    int rc = get_code(p, server, code, err);
    return rc ? rc : run_program(p, file ? as_file : as_module, code, err);
}

/* --- containers --- */

static const char *find_engine(struct arena *arena)
{
    static const char *const engines[] = {"podman", "docker"};
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
        const char *name = engines[i], *path = getenv("PATH");
        for (struct str rest = str_from(path ? path : "/usr/local/bin:/usr/bin:/bin"); rest.data;) {
            struct str dir = str_cut(&rest, ':');
            if (access(arena_printf(arena, STR_FMT "/%s", STR_ARG(dir), name), X_OK) == 0)
                return name;
        }
    }
    return NULL;
}

/* An engine's client that is stopped leaves its container to the engine. */
static void remove_container(struct arena *arena, const char *engine, const char *name)
{
    const char *const argv[] = {engine, "rm", "--force", name, NULL};
    const struct proc_options options = {.argv = argv, .output_cap = OUTPUT_MAX, .deadline_ms = REMOVE_MS};
    struct proc_result ignored;
    (void)proc_run(arena, &options, &ignored, ERR_IGNORED);
}

/* In a pod the image is the container's already, and its command is a program there. */
static int run_container(struct program *p, struct err *err)
{
    const struct texts *command = &p->transformer->command;
    const char **argv = arena_calloc(p->arena, command->len + 16, sizeof *argv), *engine = NULL;
    const char *name = strrchr(p->folder, '/') + 1;
    size_t n = 0;
    if (!getenv("KUBERNETES_SERVICE_HOST")) {
        engine = find_engine(p->arena);
        if (!engine) {
            (void)err_set(err, ERR_INVALID,
                          "transformer %s runs in a container, and this machine has no podman or docker",
                          p->transformer->name);
            return fail(p, "configuration", -(int)err->code);
        }
        const char *const fixed[] = {engine,     "run",
                                     "--rm",     "--network=host",
                                     "--name",   name,
                                     "--volume", arena_printf(p->arena, "%s:%s:ro", p->folder, p->folder),
                                     "--env",    "PGSERVICE",
                                     "--env",    "PGSERVICEFILE",
                                     "--env",    "YELLOW_OUTPUT_SCHEMA",
                                     "--env",    "YELLOW_INPUT_SCHEMA"};
        argv = arena_calloc(p->arena, command->len + sizeof fixed / sizeof *fixed + 2, sizeof *argv);
        for (; n < sizeof fixed / sizeof *fixed; n++)
            argv[n] = fixed[n];
        argv[n++] = p->transformer->image;
    } else if (!command->len) {
        (void)err_set(err, ERR_INVALID, "transformer %s has no command, which a pod needs", p->transformer->name);
        return fail(p, "configuration", -(int)err->code);
    }
    for (size_t i = 0; i < command->len; i++)
        argv[n++] = command->items[i];
    int rc = run_program(p, argv, NULL, err);
    if (rc == -ERR_CANCELLED && engine)
        remove_container(p->arena, engine, name);
    return rc;
}

int transform_child(struct arena *arena, const struct work *work, const char *schema, int version,
                    const struct server *server, struct progress *progress, const char **cause, struct err *err)
{
    const char *temporary = getenv("TMPDIR");
    char *folder = arena_printf(arena, "%s/yellow-transform-XXXXXX", temporary && *temporary ? temporary : "/tmp");
    if (progress_check(progress, err) != 0)
        return -(int)err->code;
    if (!mkdtemp(folder)) {
        *cause = "internal";
        return err_set(err, ERR_IO, "%s: a folder cannot be made there", folder);
    }
    struct program program = {.arena = arena,
                              .work = work,
                              .transformer = &work->workspace->transformer,
                              .schema = schema,
                              .version = version,
                              .folder = folder,
                              .progress = progress,
                              .cause = cause};
    int rc =
        program.transformer->code == CODE_PYTHON ? run_python(&program, server, err) : run_container(&program, err);
    (void)file_remove_tree(folder, ERR_IGNORED);
    return rc;
}
