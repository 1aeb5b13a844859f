#include "git/kit.h"

#include "base/buf.h"
#include "base/file.h"

#include <criterion/criterion.h>
#include <pthread.h>

static struct kit kit;

static void setup(void)
{
    kit_init(&kit);
}

static void teardown(void)
{
    kit_dispose(&kit);
}

TestSuite(git_tree, .init = setup, .fini = teardown);

static void on_refused(void *ctx, const char *path, const char *reason)
{
    buf_addf(ctx, "%s: %s\n", path, reason);
}

static bool is_yaml(const char *path)
{
    return str_ends(str_from(path), STR(".yaml"));
}

static void fetch(void)
{
    char head[GIT_OID_TEXT];
    struct err err = {0};
    cr_assert_eq(kit_fetch(&kit, head, &err), 0, "%s", err.text);
}

/* "path=content\n" of each file that is read. */
static const char *read_all(const char *oid, const char *folder, bool (*want)(const char *))
{
    struct git_files tree;
    struct err err = {0};
    struct buf *text = buf_new(kit.arena);
    cr_assert_eq(git_tree_read(kit.arena, kit.mirror, oid, folder, NULL, want, NULL, NULL, &tree, &err), 0, "%s",
                 err.text);
    for (size_t i = 0; i < tree.count; i++)
        buf_addf(text, "%s=" STR_FMT "\n", tree.files[i].path, STR_ARG(tree.files[i].data));
    return buf_text(text);
}

/* All that is refused, a line each. */
static const char *refusals(const char *oid, const struct git_limits *limits, bool (*want)(const char *))
{
    struct git_files tree = {0};
    struct err err = {0};
    struct buf *text = buf_new(kit.arena);
    cr_assert_eq(git_tree_read(kit.arena, kit.mirror, oid, "", limits, want, on_refused, text, &tree, &err),
                 -ERR_INVALID);
    cr_assert_null(tree.files);
    buf_adds(text, err.text);
    return buf_text(text);
}

Test(git_tree, files_come_in_byte_order_of_their_paths_and_are_those_of_the_commit)
{
    kit_sh(&kit, "cd work && mkdir a sub && printf 1 >a.yaml && printf 2 >a/b.yaml && printf 3 >a-b.yaml && "
                 "printf 4 >sub/c.yaml && printf 5 >README.md");
    const char *first = kit_push(&kit, "first");
    kit_sh(&kit, "cd work && printf changed >a.yaml");
    const char *second = kit_push(&kit, "second");
    fetch();
    cr_expect_str_eq(read_all(first, "", is_yaml), "a-b.yaml=3\na.yaml=1\na/b.yaml=2\nsub/c.yaml=4\n");
    cr_expect_str_eq(read_all(second, "", NULL), "README.md=5\na-b.yaml=3\na.yaml=changed\na/b.yaml=2\nsub/c.yaml=4\n");
}

Test(git_tree, a_folder_gives_paths_relative_to_it)
{
    kit_sh(&kit, "cd work && mkdir -p model/eu && printf 1 >model/eu/x.yaml && printf 2 >other.yaml && "
                 "ln -s model link");
    const char *oid = kit_push(&kit, "first");
    fetch();
    cr_expect_str_eq(read_all(oid, "model", NULL), "eu/x.yaml=1\n");
    cr_expect_str_eq(read_all(oid, "model/eu/", NULL), "x.yaml=1\n");

    struct git_files tree;
    struct err err = {0};
    const char *absent[] = {"none", "other.yaml", "link", "model/..", "link/eu"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        cr_expect_eq(git_tree_read(kit.arena, kit.mirror, oid, absent[i], NULL, NULL, NULL, NULL, &tree, &err),
                     -ERR_NOT_FOUND);
        cr_expect_str_eq(err.text, arena_printf(kit.arena, "folder '%s' is not in commit %s", absent[i], oid));
    }
}

Test(git_tree, names_that_begin_with_a_dot_are_left_out_as_they_are_in_a_directory)
{
    kit_sh(&kit, "cd work && mkdir -p .github/workflows && printf 1 >.github/workflows/ci.yaml && printf 2 >.x.yaml && "
                 "printf 3 >y.yaml");
    const char *oid = kit_push(&kit, "first");
    fetch();
    cr_expect_str_eq(read_all(oid, "", NULL), "y.yaml=3\n");
}

Test(git_tree, links_submodules_and_large_files_are_all_refused_by_name)
{
    kit_sh(&kit, "cd work && ln -s /etc/passwd passwd.yaml && mkdir d && ln -s .. d/up && printf 123456 >large.yaml && "
                 "printf 123456 >large.bin && printf 12345 >ok.yaml");
    kit_push(&kit, "first");
    const char *oid = kit_push_tree(&kit, "git ls-tree HEAD; printf '160000 commit %040d\\tvendor\\n' 7");
    fetch();
    struct git_limits limits = git_default_limits;
    limits.file_bytes = 5;
    cr_expect_str_eq(refusals(oid, &limits, is_yaml),
                     arena_printf(kit.arena,
                                  "d/up: a symbolic link is not followed\n"
                                  "large.yaml: the file has 6 bytes, more than the 5 that one may have\n"
                                  "passwd.yaml: a symbolic link is not followed\n"
                                  "vendor: a submodule is not fetched\n"
                                  "commit %s has 4 entries that cannot be read",
                                  oid));
}

Test(git_tree, names_that_are_no_path_parts_are_refused)
{
    kit_push(&kit, "first");
    const char *oid = kit_push_tree(&kit, "b=$(printf 1 | git hash-object -w --stdin)\n"
                                          "t=$(printf \"100644 blob $b\\tx.yaml\\n\" | git mktree)\n"
                                          "printf \"040000 tree $t\\t..\\0\"\n"
                                          "printf \"100644 blob $b\\ta\\134b.yaml\\0\"\n"
                                          "printf \"100644 blob $b\\tc\\001.yaml\\0\"\n"
                                          "printf \"100644 blob $b\\td\\377.yaml\\0\"");
    fetch();
    cr_expect_str_eq(refusals(oid, NULL, is_yaml), arena_printf(kit.arena,
                                                                "..: the path has an empty part, '.' or '..' in it\n"
                                                                "a\\b.yaml: the name has a slash or a backslash in it\n"
                                                                "c?.yaml: the name has a control character in it\n"
                                                                "d?.yaml: the name is not UTF-8\n"
                                                                "commit %s has 4 entries that cannot be read",
                                                                oid));
}

Test(git_tree, too_many_files_and_too_many_bytes_end_the_reading)
{
    kit_sh(&kit, "cd work && for n in 1 2 3 4; do printf 12345 >$n.yaml; done");
    const char *oid = kit_push(&kit, "first");
    fetch();
    struct git_limits limits = git_default_limits;
    limits.files = 2;
    cr_expect_str_eq(refusals(oid, &limits, NULL), arena_printf(kit.arena,
                                                                "3.yaml: there are more than 2 files\n"
                                                                "commit %s has 1 entry that cannot be read",
                                                                oid));
    limits = git_default_limits;
    limits.total_bytes = 19;
    cr_expect_str_eq(refusals(oid, &limits, NULL), arena_printf(kit.arena,
                                                                "4.yaml: the files together have more than 19 bytes\n"
                                                                "commit %s has 1 entry that cannot be read",
                                                                oid));
    limits.total_bytes = 20;
    struct git_files tree;
    cr_expect_eq(git_tree_read(kit.arena, kit.mirror, oid, "", &limits, NULL, NULL, NULL, &tree, ERR_IGNORED), 0);
    cr_expect_eq(tree.count, 4);
}

Test(git_tree, a_tree_that_names_itself_over_and_over_ends_at_the_limit_of_entries)
{
    kit_push(&kit, "first");
    /* Ten levels of ten folders each: ten objects, 10^10 files. */
    const char *oid = kit_push_tree(
        &kit,
        "e=$(printf 1 | git hash-object -w --stdin); line='100644 blob '$e\n"
        "for level in 1 2 3 4 5 6 7 8 9 10; do\n"
        "  t=$(for n in 0 1 2 3 4 5 6 7 8 9; do printf \"$line\\t$n\\n\"; done | git mktree); line='040000 tree '$t\n"
        "done; git ls-tree -z $t");
    fetch();
    struct git_files tree;
    struct err err = {0};
    cr_expect_eq(git_tree_read(kit.arena, kit.mirror, oid, "", NULL, is_yaml, NULL, NULL, &tree, &err), -ERR_INVALID);
    cr_expect_str_eq(err.text, arena_printf(kit.arena, "commit %s has 1 entry that cannot be read", oid));
}

Test(git_tree, an_oid_must_be_full_and_known)
{
    const char *oid = kit_push(&kit, "first");
    fetch();
    struct git_files tree;
    struct err err = {0};
    cr_expect_eq(git_tree_read(kit.arena, kit.mirror, arena_strndup(kit.arena, oid, 12), "", NULL, NULL, NULL, NULL,
                               &tree, &err),
                 -ERR_SYNTAX);
    cr_expect_str_eq(err.text, "a commit's oid is not 40 lower-case hexadecimal digits");
    const char *none = "00000000000000000000000000000000000000aa";
    cr_expect_eq(git_tree_read(kit.arena, kit.mirror, none, "", NULL, NULL, NULL, NULL, &tree, &err), -ERR_NOT_FOUND);
    cr_expect_str_eq(err.text, "commit 00000000000000000000000000000000000000aa is not in the mirror");
    cr_expect_eq(git_tree_read(kit.arena, "/nonexistent/x.git", oid, "", NULL, NULL, NULL, NULL, &tree, &err),
                 -ERR_NOT_FOUND);
    cr_expect_str_eq(err.text, "there is no mirror at /nonexistent/x.git");
}

Test(git_tree, a_commit_tells_its_author_time_and_first_line)
{
    kit_sh(&kit, "cd work && git commit -q --allow-empty -m 'Add people' -m 'Longer text'");
    const char *oid = kit_sh(&kit, "cd work && git push -q origin HEAD:main && git rev-parse HEAD");
    fetch();
    struct git_commit_info commit;
    struct err err = {0};
    cr_assert_eq(git_commit_read(kit.arena, kit.mirror, oid, &commit, &err), 0, "%s", err.text);
    cr_expect_str_eq(commit.oid, oid);
    cr_expect_str_eq(commit.author, "Ann Author");
    cr_expect_str_eq(commit.message, "Add people");
    cr_expect_eq(commit.time_us, INT64_C(1767323045000000));
}

Test(git_tree, a_long_first_line_is_cut_between_two_characters)
{
    char line[1202] = "x"; /* so that byte 500 is in the middle of a character */
    for (size_t i = 1; i + 2 < sizeof line; i += 2)
        memcpy(line + i, "\xc3\xa9", 2);
    line[1201] = '\0';
    const char *oid = kit_push(&kit, line);
    fetch();
    struct git_commit_info commit;
    struct err err = {0};
    cr_assert_eq(git_commit_read(kit.arena, kit.mirror, oid, &commit, &err), 0, "%s", err.text);
    cr_expect_eq(strlen(commit.message), 499);
    cr_expect(str_is_utf8(str_from(commit.message)));
}

Test(git_tree, ancestors_are_told_from_others)
{
    const char *first = kit_push(&kit, "first");
    const char *second = kit_push(&kit, "second");
    fetch();
    bool is = false;
    cr_expect_eq(git_is_ancestor(kit.mirror, first, second, &is, ERR_IGNORED), 0);
    cr_expect(is);
    cr_expect_eq(git_is_ancestor(kit.mirror, first, first, &is, ERR_IGNORED), 0);
    cr_expect(is);
    cr_expect_eq(git_is_ancestor(kit.mirror, second, first, &is, ERR_IGNORED), 0);
    cr_expect_not(is);
    is = true;
    cr_expect_eq(git_is_ancestor(kit.mirror, "00000000000000000000000000000000000000aa", second, &is, ERR_IGNORED), 0);
    cr_expect_not(is);
}

static void *read_many_times(void *oid)
{
    size_t read = 0;
    for (int i = 0; i < 50; i++) {
        struct arena *arena = arena_new();
        struct git_files tree;
        if (git_tree_read(arena, kit.mirror, oid, "", NULL, NULL, NULL, NULL, &tree, ERR_IGNORED) == 0)
            read += tree.count;
        arena_free(arena);
    }
    return (void *)read;
}

Test(git_tree, many_threads_read_one_mirror_while_it_is_fetched_into)
{
    pthread_t threads[4];
    kit_sh(&kit, "cd work && for n in 1 2 3 4 5; do seq $n >$n.yaml; done");
    char *oid = kit_push(&kit, "first");
    fetch();
    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, read_many_times, oid), 0);
    for (int i = 0; i < 3; i++) {
        kit_push(&kit, "next");
        fetch();
    }
    for (int i = 0; i < 4; i++) {
        void *read;
        pthread_join(threads[i], &read);
        cr_expect_eq((size_t)read, 250);
    }
}
