#include "cli/template_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEMPLATE_MAX = 8 << 20 };

int template_folder_open(struct template_folder *folder, struct arena *arena, const char *dir, struct err *err)
{
    *folder = (struct template_folder){.arena = arena, .fd = -1};
    if (!dir)
        return 0;
    folder->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->fd >= 0)
        return 0;
    int cause = errno;
    return err_set(err, cause == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot open folder %s: %s", dir, strerror(cause));
}

void template_folder_close(struct template_folder *folder)
{
    if (folder->fd >= 0)
        (void)close(folder->fd);
    folder->fd = -1;
}

/* One part of a path at a time, so that no link in the middle is followed. Returns a descriptor or -1. */
static int open_below(struct template_folder *folder, struct str rest)
{
    int at = folder->fd;
    while (rest.data) {
        struct str part = str_cut(&rest, '/');
        if (!part.len || str_eqz(part, ".") || str_eqz(part, ".."))
            folder->refused = "a name is a path below the folder of --include, without empty parts, '.' and '..'";
        int kind = rest.data ? O_DIRECTORY : O_NONBLOCK; /* opening a named pipe must not wait for a writer */
        int next = folder->refused ? -1
                                   : openat(at, arena_strndup(folder->arena, part.data, part.len),
                                            O_RDONLY | O_NOFOLLOW | O_CLOEXEC | kind);
        struct stat st;
        if (next < 0 && !folder->refused &&
            fstatat(at, arena_strndup(folder->arena, part.data, part.len), &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISLNK(st.st_mode))
            folder->refused = "symbolic links are not followed";
        if (at != folder->fd)
            (void)close(at);
        if (next < 0)
            return -1;
        at = next;
    }
    return at;
}

static bool read_all(struct template_folder *folder, int fd, struct str *text)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        folder->refused = "it is not a regular file";
        return false;
    }
    if (st.st_size > TEMPLATE_MAX) {
        folder->refused = "a template has at most 8 MiB";
        return false;
    }
    size_t size = (size_t)st.st_size, len = 0;
    char *data = arena_alloc(folder->arena, size + 1);
    while (len < size) {
        ssize_t n = read(fd, data + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            folder->refused = "it cannot be read";
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    *text = (struct str){data, len};
    return !folder->refused;
}

bool template_folder_load(void *ctx, const char *name, struct str *text)
{
    struct template_folder *folder = ctx;
    folder->refused = NULL;
    if (folder->fd < 0) {
        folder->refused = "without --include there are no other templates";
        return false;
    }
    int fd = open_below(folder, str_from(name));
    bool found = fd >= 0 && read_all(folder, fd, text);
    if (fd >= 0)
        (void)close(fd);
    return found;
}
