#include "git/kit.h"

#include <criterion/criterion.h>

static struct kit kit;

static void setup(void)
{
    kit_init(&kit);
}

static void teardown(void)
{
    kit_dispose(&kit);
}

TestSuite(git_clone, .init = setup, .fini = teardown);

static struct git_clone find(const char *folder)
{
    struct git_clone clone;
    struct err err = {0};
    cr_assert_eq(git_clone_find(kit.arena, arena_printf(kit.arena, "%s/%s", kit.root, folder), &clone, &err), 0, "%s",
                 err.text);
    return clone;
}

Test(git_clone, a_folder_of_an_older_revision_is_read_without_a_checkout)
{
    kit_sh(&kit, "mkdir -p work/a/b && echo old > work/a/b/x.yaml");
    const char *old = kit_push(&kit, "old");
    kit_sh(&kit, "echo new > work/a/b/x.yaml");
    kit_push(&kit, "new");
    struct git_clone clone = find("work/a/b");
    struct git_files files;
    struct err err = {0};
    char oid[GIT_OID_TEXT];
    cr_assert_str_eq(clone.folder, "a/b");
    cr_assert_str_eq(find("work").folder, "");
    cr_assert_eq(git_clone_resolve(&clone, "HEAD~1", oid, &err), 0, "%s", err.text);
    cr_assert_str_eq(oid, old);
    cr_assert_eq(git_clone_read(kit.arena, clone.dir, oid, clone.folder, NULL, NULL, NULL, &files, &err), 0, "%s",
                 err.text);
    cr_assert_eq(files.count, 1);
    cr_assert(str_eqz(files.files[0].data, "old\n"));
}

Test(git_clone, what_is_not_there_is_named)
{
    struct git_clone clone;
    struct err err = {0};
    char oid[GIT_OID_TEXT];
    kit_sh(&kit, "mkdir plain && echo a > work/a.yaml");
    kit_push(&kit, "first");
    cr_assert_eq(git_clone_find(kit.arena, arena_printf(kit.arena, "%s/plain", kit.root), &clone, &err),
                 -ERR_NOT_FOUND);
    cr_assert_str_eq(err.text, arena_printf(kit.arena, "%s/plain is in no git repository", kit.root));
    clone = find("work");
    cr_assert_eq(git_clone_resolve(&clone, "nope", oid, &err), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.text, "revision 'nope' is not in the git repository");
}

Test(git_clone, what_a_partial_clone_lacks_is_named_and_nothing_is_written_into_it)
{
    struct git_files files;
    struct err err = {0};
    kit_sh(&kit, "mkdir work/m && echo a > work/m/a.yaml");
    const char *head = kit_push(&kit, "first");
    struct git_clone clone = find("work");
    kit_sh(&kit, "cd work/.git/objects && o=$(git rev-parse HEAD:m/a.yaml) && rm -f $(echo $o | cut -c1-2)/$(echo $o | "
                 "cut -c3-)");
    const char *before = kit_sh(&kit, "find work/.git | sort | sha256sum");
    cr_assert_eq(git_clone_read(kit.arena, clone.dir, head, "m", NULL, NULL, NULL, &files, &err), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.text, "the repository lacks 'a.yaml'");
    cr_assert_str_eq(kit_sh(&kit, "find work/.git | sort | sha256sum"), before);
}

Test(git_clone, a_commit_is_found_by_the_first_digits_of_its_id)
{
    struct err err = {0};
    char oid[GIT_OID_TEXT];
    kit_sh(&kit, "echo a > work/a.yaml");
    const char *head = kit_push(&kit, "first");
    const char *dir = find("work").dir;
    cr_assert_eq(git_commit_find(dir, arena_strndup(kit.arena, head, 12), oid, &err), 0, "%s", err.text);
    cr_assert_str_eq(oid, head);
    cr_assert_eq(git_commit_find(dir, "abcdef0", oid, &err), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.text, "commit abcdef0 is not in the repository");
    cr_assert_eq(git_commit_find(dir, "HEAD", oid, &err), -ERR_SYNTAX);
    cr_assert_str_eq(err.text, "a commit's id has 7 to 40 lower-case hexadecimal digits");
}
