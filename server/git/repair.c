#include "git/repair.h"

#include "base/file.h"
#include "base/map.h"
#include "git/mirror.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { URL_FILE_MAX = 4096, DEPTH_MAX = 64 };

static const char url_file[] = "yellow-url";
static const char damage_file[] = "yellow-damaged";

void git_repair_mark(const char *dir)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s", dir, damage_file);
    if (n < 0 || (size_t)n >= sizeof path)
        return;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0)
        close(fd);
}

/* A killed libgit2 leaves NAME.lock, which would stop every later writer, and temporary files named *_git2_*. */
static int remove_leftover(void *ctx, const char *relative, const char *full, struct err *err)
{
    (void)ctx;
    const char *name = strrchr(relative, '/');
    name = name ? name + 1 : relative;
    if (!str_ends(str_from(name), STR(".lock")) && !strstr(name, "_git2_"))
        return 0;
    if (unlink(full))
        return err_set(err, ERR_IO, "cannot remove %s: %m", full);
    return 0;
}

struct check {
    struct arena *arena;
    git_repository *repo;
    git_odb *odb;
    struct map seen; /* trees, by oid: one that is named a thousand times is looked at once */
};

static bool tree_complete(struct check *check, const git_oid *id, int depth)
{
    git_tree *tree;
    if (depth > DEPTH_MAX)
        return true; /* deeper than what is ever read */
    struct str key = {arena_strndup(check->arena, (const char *)id->id, sizeof id->id), sizeof id->id};
    if (map_put(&check->seen, key, check))
        return true;
    if (git_tree_lookup(&tree, check->repo, id))
        return false;
    bool complete = true;
    size_t count = git_tree_entrycount(tree);
    for (size_t i = 0; i < count && complete; i++) {
        const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
        git_filemode_t mode = git_tree_entry_filemode(entry);
        git_object_t type;
        size_t size;
        if (mode == GIT_FILEMODE_TREE)
            complete = tree_complete(check, git_tree_entry_id(entry), depth + 1);
        else if (mode != GIT_FILEMODE_COMMIT)
            complete = !git_odb_read_header(&size, &type, check->odb, git_tree_entry_id(entry));
    }
    git_tree_free(tree);
    return complete;
}

bool git_repair_complete(git_repository *repo, const git_oid *id)
{
    git_commit *commit;
    if (git_commit_lookup(&commit, repo, id))
        return false;
    struct arena *arena = arena_new();
    struct check check = {.arena = arena, .repo = repo, .seen.arena = arena};
    bool complete = !git_repository_odb(&check.odb, repo) && tree_complete(&check, git_commit_tree_id(commit), 0);
    git_odb_free(check.odb);
    git_commit_free(commit);
    arena_free(arena);
    return complete;
}

static int check_branch_complete(git_reference *ref, void *payload)
{
    bool *complete = payload;
    const git_oid *id = git_reference_target(ref);
    *complete = *complete && id && git_repair_complete(git_reference_owner(ref), id);
    git_reference_free(ref);
    return 0;
}

/* NULL when the mirror is not usable as it stands. */
static git_repository *open_sound(struct arena *arena, const char *dir, const char *url)
{
    struct str known;
    git_repository *repo = NULL;
    if (access(arena_printf(arena, "%s/%s", dir, damage_file), F_OK) == 0)
        return NULL;
    if (file_read(arena, arena_printf(arena, "%s/%s", dir, url_file), URL_FILE_MAX, &known, ERR_IGNORED) ||
        !str_eqz(known, url))
        return NULL;
    if (file_walk(dir, remove_leftover, NULL, ERR_IGNORED) || git_repository_open_bare(&repo, dir))
        return NULL;
    bool complete = true;
    if (git_reference_foreach(repo, check_branch_complete, &complete) || !complete) {
        git_repository_free(repo);
        return NULL;
    }
    return repo;
}

int git_repair_open(struct arena *arena, const char *dir, const char *url, git_repository **out, bool *fresh,
                    struct err *err)
{
    git_repository *repo = open_sound(arena, dir, url);
    *fresh = !repo;
    if (!repo) {
        int rc = file_remove_tree(dir, err);
        if (rc)
            return rc;
        if (git_repository_init(&repo, dir, true))
            return git_mirror_fail(err, ERR_IO, "cannot make the mirror");
        /* Last, so that a mirror that was not made to its end is not taken for one. */
        if ((rc = file_write(arena_printf(arena, "%s/%s", dir, url_file), str_from(url), 0600, err))) {
            git_repository_free(repo);
            return rc;
        }
    }
    *out = repo;
    return 0;
}

static int count_pack(void *ctx, const char *relative, const char *full, struct err *err)
{
    (void)full, (void)err;
    *(size_t *)ctx += str_ends(str_from(relative), STR(".pack"));
    return 0;
}

static int remove_other_pack(void *ctx, const char *relative, const char *full, struct err *err)
{
    if (strncmp(relative, "pack-", 5) || strstr(relative, ctx))
        return 0;
    if (unlink(full))
        return err_set(err, ERR_IO, "cannot remove %s: %m", full);
    return 0;
}

int git_repair_pack(struct arena *arena, git_repository *repo, size_t max, struct err *err)
{
    const char *dir = arena_printf(arena, "%sobjects/pack", git_repository_path(repo));
    git_packbuilder *builder = NULL;
    git_revwalk *walk = NULL;
    size_t packs = 0;
    int rc = file_walk(dir, count_pack, &packs, err);
    if (rc || packs <= max)
        return rc;
    if (git_revwalk_new(&walk, repo) || git_revwalk_push_glob(walk, "refs/heads/*") ||
        git_packbuilder_new(&builder, repo) || git_packbuilder_insert_walk(builder, walk) ||
        git_packbuilder_write(builder, NULL, 0, NULL, NULL)) {
        rc = git_mirror_fail(err, ERR_IO, "cannot pack the mirror");
        goto out;
    }
    rc = file_walk(dir, remove_other_pack, (void *)git_packbuilder_name(builder), err);
out:
    git_packbuilder_free(builder);
    git_revwalk_free(walk);
    return rc;
}
