#include "cli/folder.h"

#include "base/file.h"
#include "model/wanted.h"

enum { FILE_CAP = 4 << 20 };

struct reading {
    struct arena *arena;
    vec(struct model_file) files;
};

static int keep(void *ctx, const char *relative, const char *full, struct err *err)
{
    struct reading *reading = ctx;
    if (!model_wants(relative))
        return 0;
    struct model_file file = {.path = arena_strdup(reading->arena, relative)};
    int rc = file_read(reading->arena, full, FILE_CAP, &file.data, err);
    if (rc == 0)
        *vec_push(reading->arena, &reading->files) = file;
    return rc;
}

int folder_read(struct arena *arena, const char *dir, struct folder_files *out, struct err *err)
{
    struct reading reading = {.arena = arena};
    int rc = file_walk(dir, keep, &reading, err);
    if (rc < 0)
        return rc;
    if (reading.files.len == 0) {
        err_set(err, ERR_INVALID, "%s holds no YAML file", dir);
        return err_hint(err, "name the folder of a model, such as examples/acme");
    }
    *out = (struct folder_files){reading.files.items, reading.files.len};
    return 0;
}

int folder_load(struct arena *arena, const char *dir, struct findings *findings, struct model **out, struct err *err)
{
    struct folder_files files;
    int rc = folder_read(arena, dir, &files, err);
    if (rc < 0)
        return rc;
    findings->arena = arena;
    struct model *model = model_load(arena, files.items, files.count, findings);
    model_check(model, findings);
    *out = model;
    return 0;
}
