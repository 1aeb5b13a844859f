#include "base/file.h"

#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What errno says about path, with the code that fits. */
static int failed(struct err *err, const char *what, const char *path)
{
    int cause = errno;
    return err_set(err, cause == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s %s: %s", what, path, strerror(cause));
}

int file_read(struct arena *arena, const char *path, size_t cap, struct str *out, struct err *err)
{
    /* O_NONBLOCK: opening a named pipe must not wait for a writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return failed(err, "cannot open", path);
    int rc = 0;
    struct stat st;
    char *data = NULL;
    size_t len = 0, room = 0;
    if (fstat(fd, &st) != 0) {
        rc = failed(err, "cannot read", path);
        goto out;
    }
    if (!S_ISREG(st.st_mode)) {
        rc = err_set(err, ERR_IO, "cannot read %s: not a regular file", path);
        goto out;
    }
    if (st.st_size > 0 && (uintmax_t)st.st_size > cap) {
        rc = err_set(err, ERR_TOO_LARGE, "%s has more than %zu bytes", path, cap);
        goto out;
    }
    room = (size_t)st.st_size + 1; /* one more than is expected, so that its end is seen without more room */
    data = arena_take(arena, room + 1);
    for (;;) { /* the size is a hint: /proc says 0, and a file can grow while it is read */
        if (len == room) {
            char *wider = arena_take(arena, room + room / 2 + 4097);
            memcpy(wider, data, len);
            data = wider;
            room += room / 2 + 4096;
        }
        ssize_t n = read(fd, data + len, room - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            rc = failed(err, "cannot read", path);
            goto out;
        }
        if (n == 0)
            break;
        len += (size_t)n;
        if (len > cap) {
            rc = err_set(err, ERR_TOO_LARGE, "%s has more than %zu bytes", path, cap);
            goto out;
        }
    }
    data[len] = '\0';
    *out = (struct str){data, len};
out:
    (void)close(fd);
    return rc;
}

static int write_all(int fd, struct str data)
{
    while (data.len) {
        ssize_t n = write(fd, data.data, data.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        data.data += n;
        data.len -= (size_t)n;
    }
    return 0;
}

/* The new name is durable only when its directory is. */
static int sync_parent(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dir = !slash ? "." : slash == path ? "/" : arena_strndup(arena, path, (size_t)(slash - path));
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int rc = fsync(fd);
    (void)close(fd);
    return rc;
}

int file_write(const char *path, struct str data, unsigned mode, struct err *err)
{
    struct arena *arena = arena_new();
    char *temporary = arena_printf(arena, "%s.XXXXXX", path);
    int rc = 0, fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        rc = failed(err, "cannot write", path);
        goto out;
    }
    int bad = fchmod(fd, (mode_t)mode) != 0 || write_all(fd, data) != 0 || fsync(fd) != 0;
    if (bad)
        rc = failed(err, "cannot write", path);
    if (close(fd) != 0 && !bad)
        rc = failed(err, "cannot write", path);
    if (rc == 0 && (rename(temporary, path) != 0 || sync_parent(arena, path) != 0))
        rc = failed(err, "cannot write", path);
    if (rc != 0)
        (void)unlink(temporary); /* absent after the rename: nothing happens then */
out:
    arena_free(arena);
    return rc;
}

int file_make_dirs(const char *path, unsigned mode, struct err *err)
{
    struct arena *arena = arena_new();
    char *part = arena_strdup(arena, path);
    int rc = 0;
    for (char *p = part; rc == 0 && *p;) {
        p += strspn(p, "/");
        p += strcspn(p, "/");
        char end = *p;
        *p = '\0';
        struct stat st;
        if (mkdir(part, (mode_t)mode) != 0) {
            if (errno != EEXIST)
                rc = failed(err, "cannot make directory", part);
            else if (stat(part, &st) != 0 || !S_ISDIR(st.st_mode))
                rc = err_set(err, ERR_IO, "cannot make directory %s: not a directory", part);
        }
        *p = end;
    }
    arena_free(arena);
    return rc;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

int file_remove_tree(const char *path, struct err *err)
{
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
        return failed(err, "cannot remove", path);
    return 0;
}

struct entry {
    char *name; /* a directory's ends with '/', so that sorting gives the byte order of whole paths */
};

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

typedef vec(struct entry) entries;

static int list(struct arena *arena, const char *dir, entries *found, struct err *err)
{
    DIR *handle = opendir(dir);
    if (!handle)
        return failed(err, "cannot open", dir);
    int rc = 0;
    for (;;) {
        errno = 0;
        const struct dirent *d = readdir(handle);
        if (!d) {
            if (errno)
                rc = failed(err, "cannot read", dir);
            break;
        }
        if (d->d_name[0] == '.')
            continue;
        struct stat st;
        if (fstatat(dirfd(handle), d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) /* it went away meanwhile */
                continue;
            rc = err_set(err, ERR_IO, "cannot read %s/%s: %s", dir, d->d_name, strerror(errno));
            break;
        }
        if (S_ISLNK(st.st_mode)) {
            rc = err_set(err, ERR_INVALID, "%s/%s is a symbolic link", dir, d->d_name);
            (void)err_hint(err, "put the file itself there");
            break;
        }
        if (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode))
            vec_push(arena, found)->name = arena_printf(arena, "%s%s", d->d_name, S_ISDIR(st.st_mode) ? "/" : "");
    }
    (void)closedir(handle);
    return rc;
}

/* As deep as a path can be long (PATH_MAX): the system refuses a longer one. */
static int walk(const char *dir, size_t root_len, file_walk_fn *fn, void *ctx, struct err *err)
{
    struct arena *arena = arena_new();
    entries found = {0};
    int rc = list(arena, dir, &found, err);
    if (found.len)
        qsort(found.items, found.len, sizeof *found.items, compare);
    for (size_t i = 0; rc == 0 && i < found.len; i++) {
        char *full = arena_printf(arena, "%s/%s", dir, found.items[i].name);
        size_t len = strlen(full);
        if (full[len - 1] == '/') {
            full[len - 1] = '\0';
            rc = walk(full, root_len, fn, ctx, err);
        } else {
            rc = fn(ctx, full + root_len + 1, full, err);
        }
    }
    arena_free(arena);
    return rc;
}

int file_walk(const char *root, file_walk_fn *fn, void *ctx, struct err *err)
{
    size_t len = strlen(root);
    while (len > 1 && root[len - 1] == '/')
        len--;
    struct arena *arena = arena_new();
    char *dir = arena_strndup(arena, root, len);
    int rc = walk(dir, len == 1 && *dir == '/' ? 1 : len, fn, ctx, err);
    arena_free(arena);
    return rc;
}
