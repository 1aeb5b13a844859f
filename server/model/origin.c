#include "model/origin.h"

struct str origin_of(const char *path)
{
    if (!path || path[0] != '/' || path[1] != '/')
        return (struct str){"", 0};
    return (struct str){path + 2, strcspn(path + 2, "/")};
}

const char *origin_path(const char *path)
{
    struct str repository = origin_of(path);
    return repository.len && repository.data[repository.len] ? repository.data + repository.len + 1 : path;
}

const char *origin_prefix(struct arena *arena, const char *repository)
{
    return repository[0] ? arena_printf(arena, "//%s/", repository) : "";
}

bool origin_same(const char *path, const char *other)
{
    return str_eq(origin_of(path), origin_of(other));
}

void origin_set(json_t *item, const char *path)
{
    struct str repository = origin_of(path);
    json_object_set_new(item, "path", json_text_or_null(origin_path(path)));
    if (repository.len)
        json_object_set_new(item, "repository", json_stringn(repository.data, repository.len));
}
