#include "api/transformer_code.h"

#include "api/app.h"
#include "api/reading.h"
#include "base/crypto.h"
#include "base/file.h"
#include "git/git.h"

#include <stdatomic.h>
#include <stdio.h>

/* It fetches, and holds its thread meanwhile: so many at once. Jobs that are told to wait ask again. */
enum { AT_ONCE = 4 };
static atomic_int running;

enum { BLOCK = 512, NAME_MAX_BYTES = 100, PREFIX_MAX = 155 };

static void release(void *snapshot)
{
    snapshot_release(snapshot);
}

/* --- which repository --- */

/* A name, such as transforms or acme/transforms, is beside the model's own repository; an address stands for itself.
 * Only the model's host is ever asked. */
static int repository_url(struct arena *arena, const struct ecosystem_row *ecosystem, const char *repository,
                          const char **out, struct err *err)
{
    struct str url = str_from(ecosystem->url), base = url;
    int parts = 1; /* as many as the name has are replaced at the address's end */
    for (const char *c = repository; *c; c++)
        parts += *c == '/';
    while (base.len && parts) {
        base.len--;
        parts -= base.data[base.len] == '/' || base.data[base.len] == ':';
    }
    base.len += base.len > 0; /* with the separator */
    if (strchr(repository, ':'))
        *out = repository;
    else
        *out = arena_printf(arena, STR_FMT "%s%s", STR_ARG(base), repository,
                            str_ends(url, STR(".git")) && !str_ends(str_from(repository), STR(".git")) ? ".git" : "");
    if (git_check_url(*out, err) != 0)
        return -(int)err->code;
    size_t host = 0, slashes = 0;
    bool scheme = strstr(ecosystem->url, "://") != NULL; /* otherwise user@host:path */
    while (host < url.len && slashes < (scheme ? 3 : 1))
        slashes += url.data[host++] == (scheme ? '/' : ':');
    if (strncmp(*out, url.data, host) == 0)
        return 0;
    (void)err_set(err, ERR_INVALID, "repository %s is not on the host of the model's repository", repository);
    return -(int)err->code;
}

/* --- the archive --- */

static void add_octal(char *field, size_t size, uint64_t value)
{
    (void)snprintf(field, size, "%0*llo", (int)size - 1, (unsigned long long)value);
}

/* Where the path is cut into prefix and name; -1: it does not fit. */
static ptrdiff_t cut_path(const char *path, size_t len)
{
    if (len <= NAME_MAX_BYTES)
        return 0;
    for (size_t i = len - 1; i > 0; i--)
        if (path[i] == '/' && len - i - 1 <= NAME_MAX_BYTES && i <= PREFIX_MAX)
            return (ptrdiff_t)i;
    return -1;
}

static int add_file(struct buf *tar, const struct git_file *file, struct err *err)
{
    char block[BLOCK] = {0};
    size_t len = strlen(file->path);
    ptrdiff_t cut = cut_path(file->path, len);
    if (cut < 0)
        return err_set(err, ERR_INVALID, "%s: the path is too long for an archive", file->path);
    if (cut)
        memcpy(block + 345, file->path, (size_t)cut);
    size_t from = cut ? (size_t)cut + 1 : 0;
    memcpy(block, file->path + from, len - from);
    add_octal(block + 100, 8, 0644);
    add_octal(block + 108, 8, 0);
    add_octal(block + 116, 8, 0);
    add_octal(block + 124, 12, file->data.len);
    add_octal(block + 136, 12, 0);
    block[156] = '0';
    memcpy(block + 257, "ustar\00000", 8);
    unsigned sum = 8 * ' ';
    for (size_t i = 0; i < BLOCK; i++)
        sum += (unsigned char)block[i];
    (void)snprintf(block + 148, 8, "%06o", sum);
    block[155] = ' ';
    buf_add(tar, block, BLOCK);
    buf_add_str(tar, file->data);
    static const char zeros[BLOCK];
    if (file->data.len % BLOCK)
        buf_add(tar, zeros, BLOCK - file->data.len % BLOCK);
    return 0;
}

static void refused(void *ctx, const char *path, const char *reason)
{
    struct err *err = ctx;
    if (!err->code)
        (void)err_set(err, ERR_INVALID, "%s: %s", path, reason);
}

static int make_archive(struct arena *arena, const char *dir, const char *oid, struct buf *tar, struct err *err)
{
    struct git_files files;
    struct err why = {0};
    static const char end[2 * BLOCK];
    int rc = git_tree_read(arena, dir, oid, "", &git_default_limits, NULL, refused, &why, &files, err);
    if (rc) {
        if (why.code)
            *err = why;
        return rc;
    }
    for (size_t i = 0; !rc && i < files.count; i++)
        rc = add_file(tar, &files.files[i], err);
    buf_add(tar, end, sizeof end);
    return rc;
}

/* --- the handler --- */

static const struct transformer *find(const struct snapshot *snapshot, const char *name)
{
    for (size_t i = 0; snapshot->model && i < snapshot->model->count; i++) {
        const struct object *object = &snapshot->model->objects[i];
        if (object->kind == OBJECT_WORKSPACE && object->workspace->transformer.present &&
            strcmp(object->workspace->transformer.name, name) == 0)
            return &object->workspace->transformer;
    }
    return NULL;
}

/* The transformer of the version asked for (by the database, when it is the one in force: a run is told no older one),
 * and the ecosystem that it is of. */
static int look_up(struct http_request *req, struct ecosystem_row *ecosystem, const struct transformer **out,
                   struct err *err)
{
    struct reading reading;
    struct snapshot *snapshot;
    static const char *const none[] = {NULL};
    const char *name = http_param(req, "transformer");
    int version;
    if (reading_check_query(req, none, err) != 0 || reading_version(req, &version, err) != 0 ||
        reading_begin(req, &reading, err) != 0)
        return -(int)err->code;
    *ecosystem = reading.ecosystem;
    reading_end(req, &reading);
    if (snapshots_get(app_of(req)->snapshots, ecosystem->name, version ? version : ecosystem->version, &snapshot,
                      err) != 0)
        return -(int)err->code;
    arena_defer(req->arena, release, snapshot);
    *out = find(snapshot, name);
    if (!*out)
        return err_set(err, ERR_NOT_FOUND, "there is no transformer %s", name);
    if ((*out)->code != CODE_PYTHON)
        return err_set(err, ERR_NOT_FOUND, "transformer %s has no repository of its own", name);
    return 0;
}

static int reply(struct http_request *req, struct http_response *res, const struct ecosystem_row *ecosystem,
                 const struct transformer *transformer, const char *url, struct err *err)
{
    char head[GIT_OID_TEXT], hash[SHA256_HEX_SIZE];
    crypto_sha256_hex(str_from(url), hash);
    const char *parent = arena_printf(req->arena, "%s/git/code", app_of(req)->state_dir);
    const char *dir = arena_printf(req->arena, "%s/%.16s.git", parent, hash);
    bool commit = git_is_oid(transformer->ref);
    int rc = file_make_dirs(parent, 0700, err);
    if (!rc)
        rc = git_fetch(req->arena, dir, url, commit ? ecosystem->branch : transformer->ref, &git_default_limits, head,
                       err);
    struct buf *tar = buf_new(req->arena);
    const char *oid = commit ? transformer->ref : head;
    if (!rc)
        rc = make_archive(req->arena, dir, oid, tar, err);
    if (rc)
        return err_prefix(err, "transformer %s, %s at %s", transformer->name, transformer->repository,
                          transformer->ref);
    http_reply_text(res, 200, "application/x-tar", buf_str(tar));
    http_set_etag(req, res, arena_strdup(req->arena, oid));
    return 0;
}

int transformer_code_get(struct http_request *req, struct http_response *res, struct err *err)
{
    struct ecosystem_row ecosystem = {0};
    const struct transformer *transformer = NULL;
    const char *url = NULL;
    if (look_up(req, &ecosystem, &transformer, err) != 0 ||
        repository_url(req->arena, &ecosystem, transformer->repository, &url, err) != 0)
        return -(int)err->code;
    int rc = -ERR_BUSY;
    if (atomic_fetch_add(&running, 1) < AT_ONCE)
        rc = reply(req, res, &ecosystem, transformer, url, err);
    else
        (void)err_set(err, ERR_BUSY, "the code of %d transformers is being fetched already", AT_ONCE);
    atomic_fetch_sub(&running, 1);
    return rc;
}
