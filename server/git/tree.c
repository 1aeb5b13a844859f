#include "git/git.h"
#include "git/mirror.h"
#include "git/repair.h"

#include "base/vec.h"

enum {
    DEPTH_MAX = 64,        /* of folders; libgit2 hands out trees that are a few bytes each, at any depth */
    ENTRIES_MAX = 1000000, /* looked at below the folder: a small tree that names itself often is huge when walked */
    PATH_MAX_BYTES = 4096,
};

struct walk {
    struct arena *arena;
    const char *dir; /* of the mirror; NULL: somebody else's repository, which is not mended */
    git_repository *repo;
    git_odb *odb;
    const struct git_limits *limits;
    bool (*want)(const char *path);
    git_refused_fn *refused;
    void *ctx;
    bool list;                      /* files are not read */
    const struct git_files *former; /* of a list */
    size_t at_file, at_folder;      /* in former: both are walked in one order */
    vec(struct git_file) files;
    vec(struct git_folder) folders;
    size_t bytes, entries, refusals;
    bool stop; /* a limit of the whole tree was passed: nothing more is read */
};

/* A path as it may be shown: control characters and what is not UTF-8 become '?'. */
static const char *shown(struct arena *arena, const char *path)
{
    bool utf8 = str_is_utf8(str_from(path));
    char *copy = arena_strdup(arena, path);
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f || (!utf8 && (unsigned char)*c >= 0x80))
            *c = '?';
    return copy;
}

static void refuse(struct walk *walk, const char *path, const char *reason)
{
    walk->refusals++;
    if (walk->refused)
        walk->refused(walk->ctx, shown(walk->arena, path), reason);
}

/* Why an entry's name cannot be a part of a path, or NULL. */
static const char *bad_name(const char *name)
{
    if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
        return "the path has an empty part, '.' or '..' in it";
    if (strchr(name, '/') || strchr(name, '\\'))
        return "the name has a slash or a backslash in it";
    if (!str_is_utf8(str_from(name)))
        return "the name is not UTF-8";
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return "the name has a control character in it";
    return NULL;
}

/* The next fetch makes the mirror again, so trying again helps. */
static int damaged(struct walk *walk, const char *path, struct err *err)
{
    if (!walk->dir) {
        err_set(err, ERR_NOT_FOUND, "the repository lacks '%s'", shown(walk->arena, path));
        return err_hint(err, "a shallow or partial clone has only some commits; git fetch brings more");
    }
    git_mirror_fail(err, ERR_UNAVAILABLE, "the mirror is damaged and will be made again");
    git_repair_mark(walk->dir);
    err_prefix(err, "'%s'", shown(walk->arena, path));
    return -ERR_UNAVAILABLE;
}

/* The file in the former list, when it is the same there. */
static const struct git_file *find_former(struct walk *walk, const char *path, const git_oid *id)
{
    const struct git_files *former = walk->former;
    int order = -1;
    while (former && walk->at_file < former->count && (order = strcmp(former->files[walk->at_file].path, path)) < 0)
        walk->at_file++;
    if (order != 0)
        return NULL;
    const struct git_file *file = &former->files[walk->at_file];
    return git_oid_streq(id, file->oid) == 0 ? file : NULL;
}

static int read_data(struct walk *walk, struct git_file *file, const git_oid *id, struct err *err)
{
    git_blob *blob;
    if (git_blob_lookup(&blob, walk->repo, id))
        return damaged(walk, file->path, err);
    file->data.data = arena_strndup(walk->arena, git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
    file->data.len = (size_t)git_blob_rawsize(blob);
    git_blob_free(blob);
    return 0;
}

/* path is kept. */
static int add_file(struct walk *walk, const char *path, size_t size, const git_oid *id, struct err *err)
{
    if (size > walk->limits->file_bytes) {
        refuse(walk, path,
               arena_printf(walk->arena, "the file has %zu bytes, more than the %zu that one may have", size,
                            walk->limits->file_bytes));
        return 0;
    }
    if (walk->files.len >= walk->limits->files) {
        refuse(walk, path, arena_printf(walk->arena, "there are more than %zu files", walk->limits->files));
        walk->stop = true;
        return 0;
    }
    if (size > walk->limits->total_bytes - walk->bytes) {
        refuse(walk, path,
               arena_printf(walk->arena, "the files together have more than %zu bytes", walk->limits->total_bytes));
        walk->stop = true;
        return 0;
    }
    walk->bytes += size;
    struct git_file *file = vec_push(walk->arena, &walk->files);
    *file = (struct git_file){.path = path, .size = size};
    git_oid_tostr(file->oid, sizeof file->oid, id);
    return walk->list ? 0 : read_data(walk, file, id, err);
}

static int read_file(struct walk *walk, const char *path, const git_oid *id, struct err *err)
{
    size_t size;
    git_object_t type;
    const struct git_file *former = find_former(walk, path, id);
    if (former)
        return add_file(walk, former->path, former->size, id, err);
    if (git_odb_read_header(&size, &type, walk->odb, id) || type != GIT_OBJECT_BLOB)
        return damaged(walk, path, err);
    return add_file(walk, path, size, id, err);
}

/* The next file of the former list, when the entry is the same: its path was looked at then, and is not made again. */
static const struct git_file *take_former(struct walk *walk, const git_tree_entry *entry, const char *prefix)
{
    const struct git_files *former = walk->former;
    git_filemode_t mode = git_tree_entry_filemode(entry);
    if (!former || walk->at_file >= former->count ||
        (mode != GIT_FILEMODE_BLOB && mode != GIT_FILEMODE_BLOB_EXECUTABLE))
        return NULL;
    const struct git_file *file = &former->files[walk->at_file];
    size_t len = strlen(prefix);
    bool same = strncmp(file->path, prefix, len) == 0 && strcmp(file->path + len, git_tree_entry_name(entry)) == 0 &&
                git_oid_streq(git_tree_entry_id(entry), file->oid) == 0;
    walk->at_file += same;
    return same ? file : NULL;
}

static int walk_tree(struct walk *walk, const git_oid *id, const char *prefix, int depth, struct err *err);

static int walk_entry(struct walk *walk, const git_tree_entry *entry, const char *prefix, int depth, struct err *err)
{
    const char *name = git_tree_entry_name(entry);
    const git_oid *id = git_tree_entry_id(entry);
    const struct git_file *former = take_former(walk, entry, prefix);
    if (former && ++walk->entries <= ENTRIES_MAX)
        return add_file(walk, former->path, former->size, id, err);
    const char *path = arena_printf(walk->arena, "%s%s", prefix, name);
    const char *reason = bad_name(name);
    if (++walk->entries > ENTRIES_MAX) {
        refuse(walk, path, arena_printf(walk->arena, "there are more than %d entries", ENTRIES_MAX));
        walk->stop = true;
        return 0;
    }
    if (!reason && strlen(path) > PATH_MAX_BYTES)
        reason = arena_printf(walk->arena, "the path is longer than %d bytes", PATH_MAX_BYTES);
    if (reason) {
        refuse(walk, path, reason);
        return 0;
    }
    switch (git_tree_entry_filemode(entry)) {
    case GIT_FILEMODE_LINK:
        refuse(walk, path, "a symbolic link is not followed");
        return 0;
    case GIT_FILEMODE_COMMIT:
        refuse(walk, path, "a submodule is not fetched");
        return 0;
    case GIT_FILEMODE_TREE:
        if (name[0] == '.')
            return 0;
        if (depth >= DEPTH_MAX) {
            refuse(walk, path, arena_printf(walk->arena, "folders are nested more than %d deep", DEPTH_MAX));
            return 0;
        }
        return walk_tree(walk, id, arena_printf(walk->arena, "%s/", path), depth + 1, err);
    case GIT_FILEMODE_BLOB:
    case GIT_FILEMODE_BLOB_EXECUTABLE:
        if (name[0] == '.' || (walk->want && !walk->want(path)))
            return 0;
        return read_file(walk, path, id, err);
    default:
        refuse(walk, path, "the entry is neither a file nor a folder");
        return 0;
    }
}

/* The folder in the former list, when it is the same there. */
static const struct git_folder *find_former_folder(struct walk *walk, const char *prefix, const git_oid *id)
{
    const struct git_files *former = walk->former;
    int order = -1;
    while (former && walk->at_folder < former->folder_count &&
           (order = strcmp(former->folders[walk->at_folder].prefix, prefix)) < 0)
        walk->at_folder++;
    if (order != 0)
        return NULL;
    const struct git_folder *folder = &former->folders[walk->at_folder];
    return git_oid_streq(id, folder->oid) == 0 ? folder : NULL;
}

/* All of a folder that did not change; its place is in folders already. False: limits may be in the way. */
static bool take_folder(struct walk *walk, const struct git_folder *same)
{
    const struct git_files *former = walk->former;
    size_t bytes = walk->bytes, ours = walk->folders.len - 1;
    for (size_t i = 0; i < same->count; i++)
        bytes += former->files[same->first + i].size;
    if (bytes > walk->limits->total_bytes || walk->files.len + same->count > walk->limits->files)
        return false;
    walk->bytes = bytes;
    for (size_t i = 0; i < same->count; i++)
        *vec_push(walk->arena, &walk->files) = former->files[same->first + i];
    size_t base = walk->folders.items[ours].first;
    for (const struct git_folder *below = same + 1;
         below < former->folders + former->folder_count && str_starts(str_from(below->prefix), str_from(same->prefix));
         below++) {
        struct git_folder *folder = vec_push(walk->arena, &walk->folders);
        *folder = *below;
        folder->prefix = arena_strdup(walk->arena, below->prefix);
        folder->first = below->first - same->first + base;
    }
    walk->folders.items[ours].count = same->count;
    walk->at_file = same->first + same->count;
    return true;
}

/* git keeps a tree's entries as if a folder's name ended with '/', so this order is the byte order of whole paths. */
static int walk_tree(struct walk *walk, const git_oid *id, const char *prefix, int depth, struct err *err)
{
    git_tree *tree;
    size_t ours = walk->folders.len;
    const struct git_folder *same = find_former_folder(walk, prefix, id);
    struct git_folder *folder = vec_push(walk->arena, &walk->folders);
    *folder = (struct git_folder){.prefix = arena_strdup(walk->arena, prefix), .first = walk->files.len};
    git_oid_tostr(folder->oid, sizeof folder->oid, id);
    if (same && take_folder(walk, same))
        return 0;
    if (git_tree_lookup(&tree, walk->repo, id))
        return damaged(walk, prefix, err);
    int rc = 0;
    size_t count = git_tree_entrycount(tree);
    for (size_t i = 0; i < count && rc == 0 && !walk->stop; i++)
        rc = walk_entry(walk, git_tree_entry_byindex(tree, i), prefix, depth, err);
    git_tree_free(tree);
    walk->folders.items[ours].count = walk->files.len - walk->folders.items[ours].first;
    return rc;
}

/* The tree of folder in the commit, without following anything: each part must be a real folder. */
static int find_folder(struct walk *walk, const char *oid, const char *folder, git_oid *out, struct err *err)
{
    git_repository *repo = walk->repo;
    git_oid id;
    git_commit *commit;
    int rc = git_mirror_oid(oid, &id, err);
    if (rc)
        return rc;
    rc = git_commit_lookup(&commit, repo, &id);
    if (rc == GIT_ENOTFOUND)
        return err_set(err, ERR_NOT_FOUND, "commit %s is not in the %s", oid, walk->dir ? "mirror" : "repository");
    if (rc)
        return git_mirror_fail(err, ERR_IO, "cannot read a commit");
    *out = *git_commit_tree_id(commit);
    git_commit_free(commit);

    struct str rest = str_from(folder);
    while (rest.len) {
        char name[256];
        struct str part = str_cut(&rest, '/');
        if (part.len == 0)
            continue;
        git_tree *tree;
        if (git_tree_lookup(&tree, repo, out))
            return damaged(walk, folder, err);
        const git_tree_entry *entry = NULL;
        if (part.len < sizeof name) {
            memcpy(name, part.data, part.len);
            name[part.len] = 0;
            entry = git_tree_entry_byname(tree, name);
        }
        bool found = entry && git_tree_entry_filemode(entry) == GIT_FILEMODE_TREE;
        if (found)
            *out = *git_tree_entry_id(entry);
        git_tree_free(tree);
        if (!found)
            return err_set(err, ERR_NOT_FOUND, "folder '%s' is not in commit %s", folder, oid);
    }
    return 0;
}

static int read_tree(struct walk *walk, const char *oid, const char *folder, struct git_files *out, struct err *err)
{
    git_oid id;
    int rc = find_folder(walk, oid, folder ? folder : "", &id, err);
    if (rc)
        return rc;
    if (git_repository_odb(&walk->odb, walk->repo))
        return git_mirror_fail(err, ERR_IO, "cannot open the repository's objects");
    rc = walk_tree(walk, &id, "", 0, err);
    git_odb_free(walk->odb);
    if (rc)
        return rc;
    if (walk->refusals)
        return err_set(err, ERR_INVALID, "commit %s has %zu %s that cannot be read", oid, walk->refusals,
                       walk->refusals == 1 ? "entry" : "entries");
    *out = (struct git_files){walk->files.items, walk->files.len, walk->folders.items, walk->folders.len};
    return 0;
}

static int read_mirror(struct walk *walk, const char *dir, const char *oid, const char *folder, struct git_files *out,
                       struct err *err)
{
    int rc = git_mirror_open(dir, &walk->repo, err);
    if (rc)
        return rc;
    rc = read_tree(walk, oid, folder, out, err);
    git_repository_free(walk->repo);
    return rc;
}

int git_tree_read(struct arena *arena, const char *dir, const char *oid, const char *folder,
                  const struct git_limits *limits, bool (*want)(const char *path), git_refused_fn *refused, void *ctx,
                  struct git_files *out, struct err *err)
{
    struct walk walk = {.arena = arena,
                        .dir = dir,
                        .limits = limits ? limits : &git_default_limits,
                        .want = want,
                        .refused = refused,
                        .ctx = ctx};
    return read_mirror(&walk, dir, oid, folder, out, err);
}

int git_clone_read(struct arena *arena, const char *dir, const char *oid, const char *folder,
                   bool (*want)(const char *path), git_refused_fn *refused, void *ctx, struct git_files *out,
                   struct err *err)
{
    struct walk walk = {.arena = arena, .limits = &git_default_limits, .want = want, .refused = refused, .ctx = ctx};
    return read_mirror(&walk, dir, oid, folder, out, err);
}

int git_tree_list(struct arena *arena, const char *dir, const char *oid, const char *folder,
                  const struct git_list_options *options, struct git_files *out, struct err *err)
{
    struct walk walk = {.arena = arena,
                        .dir = dir,
                        .limits = options->limits ? options->limits : &git_default_limits,
                        .want = options->want,
                        .refused = options->refused,
                        .ctx = options->ctx,
                        .list = true,
                        .former = options->former};
    return read_mirror(&walk, dir, oid, folder, out, err);
}
