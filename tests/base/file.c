#include "base/file.h"

#include "base/buf.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder of its own for each test; every path in an expected text is relative to it. */
static char folder[] = "/tmp/yellow-file-XXXXXX";

static void enter(void)
{
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave(void)
{
    struct err err = {0};
    cr_assert_eq(chdir("/"), 0);
    cr_assert_eq(file_remove_tree(folder, &err), 0, "%s", err.text);
    cr_assert_neq(access(folder, F_OK), 0);
}

TestSuite(file, .init = enter, .fini = leave);

static void put(const char *path, const char *text)
{
    struct err err = {0};
    cr_assert_eq(file_write(path, str_from(text), 0644, &err), 0, "%s", err.text);
}

Test(file, what_is_written_is_read_and_has_its_mode)
{
    struct arena *arena = arena_new();
    struct str data;
    struct stat st;
    struct err err = {0};
    cr_assert_eq(file_write("a", STR("one\0two"), 0600, &err), 0);
    cr_assert_eq(file_read(arena, "a", 7, &data, &err), 0, "%s", err.text);
    cr_assert(str_eq(data, STR("one\0two")));
    cr_assert_eq(data.data[7], '\0');
    cr_assert_eq(stat("a", &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0600);
    put("a", "");
    cr_assert_eq(file_read(arena, "a", 7, &data, &err), 0);
    cr_assert_eq(data.len, 0);
    cr_assert_str_eq(data.data, "");
    arena_free(arena);
}

Test(file, a_file_above_the_cap_is_too_large_and_an_absent_one_not_found)
{
    struct arena *arena = arena_new();
    struct str data = STR("untouched");
    struct err err = {0};
    put("a", "12345678");
    cr_assert_eq(file_read(arena, "a", 7, &data, &err), -ERR_TOO_LARGE);
    cr_assert_str_eq(err.text, "a has more than 7 bytes");
    cr_assert_eq(file_read(arena, "b", 7, &data, &err), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.text, "cannot open b: No such file or directory");
    cr_assert(str_eqz(data, "untouched"));
    arena_free(arena);
}

Test(file, only_regular_files_are_read_and_a_named_pipe_does_not_hang)
{
    struct arena *arena = arena_new();
    struct str data;
    struct err err = {0};
    cr_assert_eq(mkfifo("pipe", 0600), 0);
    cr_assert_eq(file_read(arena, "pipe", 7, &data, &err), -ERR_IO);
    cr_assert_str_eq(err.text, "cannot read pipe: not a regular file");
    cr_assert_eq(file_read(arena, ".", 7, &data, &err), -ERR_IO);
    cr_assert_str_eq(err.text, "cannot read .: not a regular file");
    arena_free(arena);
}

Test(file, a_file_whose_size_is_not_known_is_read_to_its_end)
{
    struct arena *arena = arena_new();
    struct str data;
    struct err err = {0};
    cr_assert_eq(file_read(arena, "/proc/self/status", 1 << 20, &data, &err), 0, "%s", err.text);
    cr_assert(str_starts(data, STR("Name:")));
    cr_assert_eq(file_read(arena, "/proc/self/status", 10, &data, &err), -ERR_TOO_LARGE);
    arena_free(arena);
}

Test(file, a_write_that_fails_leaves_nothing_behind)
{
    struct err err = {0};
    cr_assert_eq(file_make_dirs("d/taken", 0755, &err), 0);
    cr_assert_eq(file_write("d/taken", STR("x"), 0644, &err), -ERR_IO);
    cr_assert_str_eq(err.text, "cannot write d/taken: Is a directory");
    cr_assert_eq(rmdir("d/taken"), 0);
    cr_assert_eq(rmdir("d"), 0); /* so there is no temporary file in it */
    cr_assert_eq(file_write("none/a", STR("x"), 0644, &err), -ERR_NOT_FOUND);
}

Test(file, folders_are_made_all_the_way_and_once)
{
    struct err err = {0};
    struct stat st;
    cr_assert_eq(file_make_dirs("a/b//c/", 0700, &err), 0, "%s", err.text);
    cr_assert_eq(file_make_dirs("a/b/c", 0755, &err), 0);
    cr_assert_eq(stat("a/b", &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0700);
    put("a/f", "");
    cr_assert_eq(file_make_dirs("a/f/g", 0755, &err), -ERR_IO);
    cr_assert_str_eq(err.text, "cannot make directory a/f: not a directory");
}

Test(file, removing_a_tree_does_not_follow_links)
{
    struct err err = {0};
    cr_assert_eq(file_make_dirs("kept", 0755, &err), 0);
    put("kept/a", "");
    cr_assert_eq(file_make_dirs("gone/deep/er", 0755, &err), 0);
    put("gone/deep/a", "");
    cr_assert_eq(symlink("../kept", "gone/link"), 0);
    cr_assert_eq(file_remove_tree("gone", &err), 0, "%s", err.text);
    cr_assert_neq(access("gone", F_OK), 0);
    cr_assert_eq(access("kept/a", F_OK), 0);
    cr_assert_eq(file_remove_tree("gone", &err), 0);
}

static int list(void *ctx, const char *relative, const char *full, struct err *err)
{
    buf_addf(ctx, "%s=%s\n", relative, full);
    return strcmp(relative, "stop") == 0 ? err_set(err, ERR_CANCELLED, "stopped at %s", relative) : 0;
}

Test(file, a_walk_goes_in_byte_order_of_whole_paths_and_leaves_out_hidden_names)
{
    struct err err = {0};
    struct buf found = {0};
    cr_assert_eq(file_make_dirs("r/a/b", 0755, &err), 0);
    cr_assert_eq(file_make_dirs("r/.git", 0755, &err), 0);
    static const char *const paths[] = {"r/a/b/z", "r/a/c", "r/a-b",     "r/a.yaml",
                                        "r/ab",    "r/B",   "r/.hidden", "r/.git/x"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        put(paths[i], "");
    cr_assert_eq(file_walk("r/", list, &found, &err), 0, "%s", err.text);
    cr_assert_str_eq(buf_text(&found), "B=r/B\na-b=r/a-b\na.yaml=r/a.yaml\na/b/z=r/a/b/z\na/c=r/a/c\nab=r/ab\n");
    buf_dispose(&found);
}

Test(file, a_walk_stops_at_a_link_and_when_told)
{
    struct err err = {0};
    struct buf found = {0};
    cr_assert_eq(file_make_dirs("r/d", 0755, &err), 0);
    put("r/stop", "");
    put("r/x", "");
    cr_assert_eq(file_walk("r", list, &found, &err), -ERR_CANCELLED);
    cr_assert_str_eq(err.text, "stopped at stop");
    cr_assert_str_eq(buf_text(&found), "stop=r/stop\n");
    cr_assert_eq(symlink("/etc", "r/d/link"), 0);
    cr_assert_eq(file_walk("r", list, &found, &err), -ERR_INVALID);
    cr_assert_str_eq(err.text, "r/d/link is a symbolic link");
    cr_assert_eq(file_walk("none", list, &found, &err), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.text, "cannot open none: No such file or directory");
    buf_dispose(&found);
}
