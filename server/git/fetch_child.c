#include "git/fetch.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "git/credential.h"
#include "git/https.h"
#include "git/mirror.h"
#include "git/repair.h"
#include "git/url.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

enum { PACKS_MAX = 50 };

struct fetch {
    struct arena *arena;
    const char *dir, *url, *branch;
    char *ref; /* refs/heads/BRANCH */
    size_t bytes_max;
    bool over; /* more than bytes_max came */
    struct git_url parsed;
    struct git_credential_source source;
    struct git_https_options https;
};

static int on_progress(const git_indexer_progress *progress, void *payload)
{
    struct fetch *fetch = payload;
    fetch->over = progress->received_bytes > fetch->bytes_max;
    return fetch->over ? GIT_EUSER : 0;
}

static int on_credential(git_credential **out, const char *url, const char *user, unsigned allowed, void *payload)
{
    struct fetch *fetch = payload;
    return git_credential_get(&fetch->source, url, user, allowed, out);
}

static int take_turn(struct fetch *fetch, struct err *err)
{
    const char *path = arena_printf(fetch->arena, "%s.lock", fetch->dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_set(err, ERR_IO, "cannot open %s: %s", path, strerror(errno));
    /* The descriptor stays open: the lock ends with this process, however it ends. */
    while (flock(fd, LOCK_EX))
        if (errno != EINTR)
            return err_set(err, ERR_IO, "cannot lock %s: %s", path, strerror(errno));
    return 0;
}

static int fail_connect(struct fetch *fetch, int code, struct err *err)
{
    if (code == GIT_EUSER)
        return err_set(err, ERR_TOO_LARGE, "the fetch received more than %zu bytes", fetch->bytes_max);
    git_mirror_fail(err, ERR_UNAVAILABLE, "cannot reach the repository");
    if (code == GIT_ECERTIFICATE)
        return err_hint(err, fetch->parsed.scheme == GIT_URL_SSH
                                 ? "the host's key must be in ~/.ssh/known_hosts of the server's user"
                                 : "SSL_CERT_FILE can name a file of certificate authorities");
    if (code == GIT_EAUTH)
        return err_hint(err, "YELLOW_GIT_TOKEN_FILE (https) and YELLOW_GIT_SSH_KEY (ssh) name files of credentials");
    return -err->code;
}

static int fail_download(struct fetch *fetch, int code, struct err *err)
{
    if (fetch->over || code == GIT_EUSER)
        return err_set(err, ERR_TOO_LARGE, "the fetch received more than %zu bytes", fetch->bytes_max);
    const git_error *last = git_error_last();
    int class = last ? last->klass : GIT_ERROR_NONE;
    enum err_code kind = class == GIT_ERROR_OS || class == GIT_ERROR_FILESYSTEM ? ERR_IO : ERR_UNAVAILABLE;
    return git_mirror_fail(err, kind, "cannot fetch from the repository");
}

/* The oid that the repository says the branch has; ERR_NOT_FOUND removes the mirror's branch as well. */
static int find_branch(struct fetch *fetch, git_repository *repo, git_remote *remote, git_oid *out, struct err *err)
{
    const git_remote_head **heads;
    size_t count;
    if (git_remote_ls(&heads, &count, remote))
        return git_mirror_fail(err, ERR_UNAVAILABLE, "cannot list the repository's branches");
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(heads[i]->name, fetch->ref)) {
            *out = heads[i]->oid;
            return 0;
        }
    }
    int code = git_reference_remove(repo, fetch->ref);
    if (code && code != GIT_ENOTFOUND)
        return git_mirror_fail(err, ERR_IO, "cannot remove the mirror's branch");
    return err_set(err, ERR_NOT_FOUND, "branch '%s' is not in the repository", fetch->branch);
}

static int set_branch(struct fetch *fetch, git_repository *repo, const git_oid *id, struct err *err)
{
    git_reference *ref;
    if (git_reference_create(&ref, repo, fetch->ref, id, 1, NULL))
        return git_mirror_fail(err, ERR_IO, "cannot move the mirror's branch");
    git_reference_free(ref);
    return 0;
}

/* *again: the mirror itself may be at fault, so a new one may do better. */
static int fetch_into(struct fetch *fetch, git_repository *repo, git_oid *head, bool *again, struct err *err)
{
    git_remote *remote = NULL;
    git_remote_create_options create;
    git_remote_connect_options connect;
    git_fetch_options options;
    char *spec = arena_printf(fetch->arena, "+%s:%s", fetch->ref, fetch->ref);
    git_strarray specs = {&spec, 1};
    int code, rc;

    git_remote_create_options_init(&create, GIT_REMOTE_CREATE_OPTIONS_VERSION);
    git_remote_connect_options_init(&connect, GIT_REMOTE_CONNECT_OPTIONS_VERSION);
    git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
    fetch->source = (struct git_credential_source){fetch->arena, &fetch->parsed, 0};
    connect.callbacks.credentials = on_credential;
    connect.callbacks.transfer_progress = on_progress;
    connect.callbacks.payload = fetch;
    connect.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    connect.proxy_opts.type = GIT_PROXY_NONE;
    options.callbacks = connect.callbacks;
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    options.proxy_opts.type = GIT_PROXY_NONE;
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    options.update_fetchhead = 0;
    create.repository = repo;
    create.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;

    if (git_remote_create_with_opts(&remote, fetch->url, &create))
        return git_mirror_fail(err, ERR_INVALID, "the repository URL is not usable");
    if ((code = git_remote_connect_ext(remote, GIT_DIRECTION_FETCH, &connect))) {
        rc = fail_connect(fetch, code, err);
        goto out;
    }
    if ((rc = find_branch(fetch, repo, remote, head, err)))
        goto out;
    if ((code = git_remote_download(remote, &specs, &options))) {
        rc = fail_download(fetch, code, err);
        *again = rc != -ERR_TOO_LARGE;
        goto out;
    }
    if (!git_repair_complete(repo, head)) {
        rc = err_set(err, ERR_UNAVAILABLE, "the repository sent an incomplete branch '%s'", fetch->branch);
        *again = true;
        goto out;
    }
    rc = set_branch(fetch, repo, head, err);
    /* What was asked for is there; a mirror that cannot be packed is made again at the next fetch. */
    if (rc == 0 && git_repair_pack(fetch->arena, repo, PACKS_MAX, ERR_IGNORED))
        git_repair_mark(fetch->dir);
out:
    git_remote_free(remote);
    return rc;
}

static int run(struct fetch *fetch, git_oid *head, struct err *err)
{
    int rc;
    bool whole = str_starts(str_from(fetch->branch), STR("refs/"));
    fetch->ref = arena_printf(fetch->arena, "%s%s", whole ? "" : "refs/heads/", fetch->branch);
    git_mirror_setup();
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    if (git_https_register(&fetch->https))
        return git_mirror_fail(err, ERR_INTERNAL, "cannot set up git over https");
    if ((rc = take_turn(fetch, err)))
        return rc;
    for (;;) {
        git_repository *repo;
        bool fresh, again = false;
        if ((rc = git_repair_open(fetch->arena, fetch->dir, fetch->url, &repo, &fresh, err)))
            return rc;
        rc = fetch_into(fetch, repo, head, &again, err);
        git_repository_free(repo);
        if (rc == 0 || !again || fresh)
            return rc;
        /* What is missing may be missing from the mirror's own history: the next round starts with an empty one. */
        git_repair_mark(fetch->dir);
    }
}

static void print_result(struct arena *arena, const git_oid *head, const struct err *err)
{
    struct buf out = {0};
    json_t *line;
    if (err->code) {
        line = json_pack("{s:s, s:s, s:s}", "error", err_kind(err->code)->name, "text", err->text, "hint", err->hint);
        if (!line) /* a message of the other side that is not UTF-8 */
            line = json_pack("{s:s, s:s}", "error", err_kind(err->code)->name, "text", "the fetch failed");
    } else {
        char oid[GIT_OID_TEXT];
        git_oid_tostr(oid, sizeof oid, head);
        line = json_pack("{s:s}", "head", oid);
    }
    json_write(&out, json_own(arena, line));
    buf_addc(&out, '\n');
    fwrite(buf_text(&out), 1, out.len, stdout);
    fflush(stdout);
    buf_dispose(&out);
}

int git_fetch_child(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct fetch fetch = {.arena = arena};
    struct err err = {0};
    git_oid head = {0};
    int64_t bytes = 0;
    bool loopback = argc == 6 && !strcmp(argv[5], "--loopback-http");

    if ((argc != 5 && !loopback) || !str_int64(str_from(argv[4]), 1, INT64_MAX, &bytes)) {
        err_set(&err, ERR_USAGE, "usage: git-fetch DIR URL BRANCH BYTES");
    } else if (!git_url_parse(argv[2], loopback, &fetch.parsed, &err) && !git_check_ref(argv[3], &err)) {
        fetch.dir = argv[1];
        fetch.url = argv[2];
        fetch.branch = argv[3];
        fetch.bytes_max = (size_t)bytes;
        fetch.https = (struct git_https_options){arena, fetch.bytes_max, loopback};
        run(&fetch, &head, &err);
    }
    print_result(arena, &head, &err);
    int code = err.code ? err_kind(err.code)->exit_code : 0;
    arena_free(arena);
    return code;
}
