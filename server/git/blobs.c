#include "git/git.h"
#include "git/mirror.h"
#include "git/repair.h"

#include <stdlib.h>

struct git_blobs {
    char *dir;
    git_repository *repo;
    git_blob *blob; /* whose bytes the caller has */
};

int git_blobs_open(const char *dir, struct git_blobs **out, struct err *err)
{
    git_repository *repo;
    int rc = git_mirror_open(dir, &repo, err);
    if (rc)
        return rc;
    struct git_blobs *blobs = calloc(1, sizeof *blobs);
    size_t len = strlen(dir) + 1;
    char *copy = blobs ? malloc(len) : NULL;
    if (!copy)
        arena_exhausted(sizeof *blobs + len);
    memcpy(copy, dir, len);
    *blobs = (struct git_blobs){.dir = copy, .repo = repo};
    *out = blobs;
    return 0;
}

int git_blobs_read(struct git_blobs *blobs, const struct git_file *file, struct str *data, struct err *err)
{
    git_oid id;
    int rc = git_mirror_oid(file->oid, &id, err);
    if (rc)
        return rc;
    git_blob_free(blobs->blob);
    blobs->blob = NULL;
    if (git_blob_lookup(&blobs->blob, blobs->repo, &id)) {
        git_mirror_fail(err, ERR_UNAVAILABLE, "the mirror is damaged and will be made again");
        git_repair_mark(blobs->dir);
        return err_prefix(err, "'%s'", file->path);
    }
    *data = (struct str){git_blob_rawcontent(blobs->blob), (size_t)git_blob_rawsize(blobs->blob)};
    return 0;
}

void git_blobs_close(struct git_blobs *blobs)
{
    if (!blobs)
        return;
    git_blob_free(blobs->blob);
    git_repository_free(blobs->repo);
    free(blobs->dir);
    free(blobs);
}
