#include "base/embed.h"

#include "base/file.h"

#include <criterion/criterion.h>

Test(embed, files_are_the_same_bytes_as_in_the_source_tree_and_in_byte_order)
{
    struct arena *arena = arena_new();
    for (size_t i = 0; i < embed_file_count; i++) {
        struct str data;
        struct err err = {0};
        char *path = arena_printf(arena, "%s/%s", SOURCE_DIR, embed_files[i].path);
        cr_assert_eq(file_read(arena, path, 1 << 24, &data, &err), 0, "%s", err.text);
        cr_assert(str_eq(embed_files[i].data, data), "%s", path);
        cr_assert(i == 0 || strcmp(embed_files[i - 1].path, embed_files[i].path) < 0, "%s", path);
    }
    arena_free(arena);
}

Test(embed, a_file_is_found_by_its_path)
{
    const struct embed_file *file = embed_find("migrations/0001_control_plane.sql");
    cr_assert_not_null(file);
    cr_assert_str_eq(file->path, "migrations/0001_control_plane.sql");
    cr_assert_null(embed_find("migrations/9999_none.sql"));
    cr_assert_null(embed_find(""));
}
