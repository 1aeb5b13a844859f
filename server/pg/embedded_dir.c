#include "base/file.h"
#include "pg/embedded_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int embedded_fail(struct err *err, const char *what, const char *path)
{
    return err_set(err, ERR_IO, "%s %s: %s", what, path, strerror(errno));
}

static int take_lock(struct pg_embedded *e, struct err *err)
{
    const char *path = arena_printf(e->arena, "%s/lock", e->dir);
    e->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (e->lock < 0)
        return embedded_fail(err, "open", path);
    /* Of the open file, so that it goes with the last process that has it; who only asks does not take it. */
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(e->lock, F_OFD_SETLK, &lock) != 0) {
        if (errno != EAGAIN && errno != EACCES)
            return embedded_fail(err, "lock", path);
        char pid[24] = "";
        (void)!pread(e->lock, pid, sizeof pid - 1, 0);
        (void)err_set(err, ERR_CONFLICT, "%s belongs to a running yellow (process %d)", e->dir,
                      (int)strtol(pid, NULL, 10));
        return err_hint(err, "stop it, or choose another folder");
    }
    char pid[24];
    int len = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
    if (ftruncate(e->lock, 0) != 0 || pwrite(e->lock, pid, (size_t)len, 0) != len)
        return embedded_fail(err, "write", path);
    return 0;
}

static bool set_owner(struct pg_embedded *e, const struct passwd *entry)
{
    if (!entry || entry->pw_uid == 0)
        return false;
    e->user = arena_strdup(e->arena, entry->pw_name);
    e->uid = entry->pw_uid;
    e->gid = entry->pw_gid;
    return true;
}

/* PostgreSQL refuses to run as root. A cluster that is there keeps its owner. */
static int choose_owner(struct pg_embedded *e, struct err *err)
{
    static const char *const users[] = {"postgres", "nobody"};
    struct passwd entry, *found = NULL;
    struct stat st;
    char strings[4096];
    e->uid = geteuid();
    e->gid = getegid();
    if (e->uid != 0)
        return 0;
    if (stat(e->data, &st) == 0 && st.st_uid != 0 &&
        getpwuid_r(st.st_uid, &entry, strings, sizeof strings, &found) == 0 && set_owner(e, found))
        return 0;
    for (size_t i = 0; i < 2; i++)
        if (getpwnam_r(users[i], &entry, strings, sizeof strings, &found) == 0 && set_owner(e, found))
            return 0;
    (void)err_set(err, ERR_IO, "PostgreSQL cannot run as root, and there is no user postgres or nobody");
    return err_hint(err, "run yellow as an ordinary user, or use --database");
}

static int check_enter(const struct pg_embedded *e, const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return embedded_fail(err, "stat", path);
    mode_t need = st.st_uid == e->uid ? S_IXUSR : st.st_gid == e->gid ? S_IXGRP : S_IXOTH;
    if (st.st_mode & need)
        return 0;
    (void)err_set(err, ERR_IO, "user %s cannot enter %s, as the embedded cluster in %s needs", e->user, path, e->dir);
    return err_hint(err, "choose a folder below /var/lib, or: chmod o+x %s", path);
}

static int check_parents(const struct pg_embedded *e, struct err *err)
{
    int rc = check_enter(e, "/", err);
    for (const char *slash = strchr(e->dir + 1, '/'); !rc && slash; slash = strchr(slash + 1, '/'))
        rc = check_enter(e, arena_strndup(e->arena, e->dir, (size_t)(slash - e->dir)), err);
    return rc ? rc : check_enter(e, e->dir, err);
}

int embedded_make_dir(const struct pg_embedded *e, const char *path, struct err *err)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return embedded_fail(err, "make folder", path);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return embedded_fail(err, "open folder", path);
    int rc = 0;
    if (e->user && fchown(fd, e->uid, e->gid) != 0)
        rc = embedded_fail(err, "chown", path);
    else if (fchmod(fd, 0700) != 0)
        rc = embedded_fail(err, "chmod", path);
    (void)close(fd);
    return rc;
}

static bool is_private_dir(const struct pg_embedded *e, const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == e->uid && (st.st_mode & 07777) == 0700;
}

int embedded_make_socket_dir(struct pg_embedded *e, struct err *err)
{
    const struct sockaddr_un address;
    const char *record = arena_printf(e->arena, "%s/socket-dir", e->dir);
    struct str recorded;
    e->run = arena_printf(e->arena, "%s/run", e->dir);
    if (strlen(e->run) + sizeof "/.s.PGSQL.5432.lock" <= sizeof address.sun_path)
        return embedded_make_dir(e, e->run, err);
    if (file_read(e->arena, record, 4096, &recorded, ERR_IGNORED) == 0 && is_private_dir(e, recorded.data)) {
        e->run = recorded.data;
        return 0;
    }
    char *made = arena_strdup(e->arena, "/tmp/yellow-XXXXXX");
    if (!mkdtemp(made))
        return embedded_fail(err, "make folder", made);
    e->run = made;
    int rc = embedded_make_dir(e, made, err);
    return rc ? rc : file_write(record, str_from(made), 0644, err);
}

int embedded_prepare_dir(struct pg_embedded *e, const char *dir, struct err *err)
{
    int rc = file_make_dirs(dir, 0755, err);
    if (rc)
        return rc;
    char *real = realpath(dir, NULL);
    if (!real)
        return embedded_fail(err, "find", dir);
    e->dir = arena_strdup(e->arena, real);
    free(real);
    e->data = arena_printf(e->arena, "%s/data", e->dir);
    if (strpbrk(e->dir, "'\"\\,\n"))
        return err_set(err, ERR_INVALID, "%s: a quote, comma or backslash in the path of an embedded cluster", e->dir);
    rc = take_lock(e, err);
    if (!rc)
        rc = choose_owner(e, err);
    return !rc && e->user ? check_parents(e, err) : rc;
}

void embedded_release_dir(struct pg_embedded *e)
{
    /* A folder below /tmp is given back. What belongs to another owner of dir stays. */
    if (e->lock >= 0 && e->run && strncmp(e->run, "/tmp/yellow-", 12) == 0 &&
        strncmp(e->run, e->dir, strlen(e->dir)) != 0 && rmdir(e->run) == 0)
        (void)unlink(arena_printf(e->arena, "%s/socket-dir", e->dir));
    if (e->lock >= 0)
        (void)close(e->lock);
}
