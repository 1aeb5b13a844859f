#include "git/kit.h"

#include "base/file.h"

#include <criterion/criterion.h>
#include <unistd.h>

static struct kit kit;

static void setup(void)
{
    kit_init(&kit);
}

static void teardown(void)
{
    kit_dispose(&kit);
}

TestSuite(git_fetch, .init = setup, .fini = teardown, .timeout = 120);

static void expect_head(const char *oid)
{
    char head[GIT_OID_TEXT] = "";
    struct err err = {0};
    cr_expect_eq(kit_fetch(&kit, head, &err), 0, "%s", err.text);
    cr_expect_str_eq(head, oid);
    cr_expect_str_eq(kit_sh(&kit, "git -C mirrors/acme.git rev-parse main"), oid);
    kit_sh(&kit, "git -C mirrors/acme.git fsck --strict --no-dangling");
}

static void expect_error(enum err_code code, const char *text)
{
    char head[GIT_OID_TEXT] = "untouched";
    struct err err = {0};
    cr_expect_eq(kit_fetch(&kit, head, &err), -(int)code, "%d: %s", err.code, err.text);
    cr_expect_str_eq(err.text, text, "%s", err.text);
    cr_expect_str_eq(head, "untouched");
}

Test(git_fetch, a_mirror_is_made_and_then_follows_the_branch)
{
    expect_head(kit_push(&kit, "first"));
    expect_head(kit_push(&kit, "second"));
    expect_head(kit_sh(&kit, "git -C work rev-parse HEAD"));
}

Test(git_fetch, only_the_branch_comes_no_tags_and_no_others)
{
    const char *oid = kit_push(&kit, "first");
    kit_sh(&kit, "cd work && git tag v1 && git commit -q --allow-empty -m other && git tag v2 && "
                 "git push -q origin HEAD:other v1 v2");
    expect_head(oid);
    cr_expect_str_eq(kit_sh(&kit, "git -C mirrors/acme.git for-each-ref --format='%%(refname)'"), "refs/heads/main");
}

Test(git_fetch, a_forced_push_moves_the_branch)
{
    const char *first = kit_push(&kit, "first");
    const char *second = kit_push(&kit, "second");
    expect_head(second);
    kit_sh(&kit, "cd work && git reset -q --hard %s && echo x >x", first);
    const char *third = kit_push(&kit, "third");
    expect_head(third);
    bool is = true;
    cr_expect_eq(git_is_ancestor(kit.mirror, second, third, &is, ERR_IGNORED), 0);
    cr_expect_not(is);
}

Test(git_fetch, a_deleted_branch_is_said_to_be_gone_and_leaves_the_mirror)
{
    kit_sh(&kit, "cd work && git commit -q --allow-empty -m x && git push -q origin HEAD:keep");
    const char *oid = kit_push(&kit, "first");
    expect_head(oid);
    kit_sh(&kit, "git -C origin.git update-ref -d refs/heads/main");
    expect_error(ERR_NOT_FOUND, "branch 'main' is not in the repository");
    cr_expect_str_eq(kit_sh(&kit, "git -C mirrors/acme.git for-each-ref"), "");
    kit_sh(&kit, "git -C work push -q origin %s:refs/heads/main", oid);
    expect_head(oid);
}

Test(git_fetch, an_empty_repository_has_no_branch)
{
    expect_error(ERR_NOT_FOUND, "branch 'main' is not in the repository");
}

Test(git_fetch, a_repository_that_is_not_there_is_unavailable)
{
    kit.url = arena_printf(kit.arena, "file://%s/none.git", kit.root);
    expect_error(ERR_UNAVAILABLE, arena_printf(kit.arena,
                                               "cannot reach the repository: failed to resolve path '%s/none.git': "
                                               "No such file or directory",
                                               kit.root));
}

Test(git_fetch, a_url_that_may_not_be_registered_is_not_contacted)
{
    kit.url = "http://127.0.0.1:1/m.git";
    expect_error(ERR_INVALID, "the repository URL's scheme is not one of https, ssh and file");
}

Test(git_fetch, a_repository_of_another_user_is_read)
{
    if (geteuid() != 0) {
        teardown(); /* not called for a test that is skipped */
        cr_skip_test("needs root");
    }
    const char *oid = kit_push(&kit, "first");
    kit_sh(&kit, "chown -R 65534:65534 origin.git");
    expect_head(oid);
}

Test(git_fetch, more_bytes_than_allowed_are_refused_and_leave_a_usable_mirror)
{
    const char *oid = kit_push(&kit, "first");
    expect_head(oid);
    kit_sh(&kit, "cd work && head -c 3000000 /dev/urandom >big");
    const char *big = kit_push(&kit, "big");
    struct git_limits limits = git_default_limits;
    struct git_fetch_options options = {.executable = TEST_FETCHER};
    char head[GIT_OID_TEXT];
    struct err err = {0};
    limits.fetch_bytes = 1000000;
    cr_expect_eq(git_fetch_with(kit.arena, kit.mirror, kit.url, "main", &limits, &options, head, &err), -ERR_TOO_LARGE,
                 "%s", err.text);
    cr_expect_str_eq(err.text, "the fetch received more than 1000000 bytes");
    cr_expect_str_eq(kit_sh(&kit, "git -C mirrors/acme.git rev-parse main"), oid);
    expect_head(big);
    cr_expect_str_eq(kit_sh(&kit, "find mirrors/acme.git -name '*_git2_*'"), "");
}

Test(git_fetch, a_deadline_ends_the_fetch)
{
    kit_push(&kit, "first");
    kit_sh(&kit, "mkdir mirrors && mkfifo locked");
    /* Another process holds the mirror's lock, so this fetch waits past its deadline. */
    kit_sh(&kit, "setsid -f flock mirrors/acme.git.lock sh -c 'echo held >locked; read x <locked' && read x <locked");
    struct git_limits limits = git_default_limits;
    struct git_fetch_options options = {.executable = TEST_FETCHER};
    char head[GIT_OID_TEXT];
    struct err err = {0};
    limits.fetch_ms = 200;
    cr_expect_eq(git_fetch_with(kit.arena, kit.mirror, kit.url, "main", &limits, &options, head, &err), -ERR_TIMEOUT);
    cr_expect_str_eq(err.text, "the fetch took longer than 200 ms");
    kit_sh(&kit, "echo >locked");
}

Test(git_fetch, a_damaged_mirror_is_made_again)
{
    const char *oid = kit_push(&kit, "first");
    static const char *const damages[] = {
        "for p in objects/pack/*.pack; do chmod u+w $p; head -c 40 $p >x; mv x $p; done",
        "rm -rf objects",
        "rm -f objects/pack/*.idx",
        "rm HEAD",
        "printf garbage >config",
        "echo 0123456789012345678901234567890123456789 >refs/heads/main",
        "rm yellow-url",
        "cd .. && rm -rf acme.git && echo file >acme.git",
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        expect_head(oid);
        kit_sh(&kit, "cd mirrors/acme.git && %s", damages[i]);
    }
    expect_head(oid);
}

Test(git_fetch, damage_that_a_reader_meets_is_gone_after_the_next_fetch)
{
    kit_sh(&kit, "cd work && seq 1 1000 >a.yaml");
    const char *oid = kit_push(&kit, "first");
    expect_head(oid);
    /* The blob's own bytes: the pack's frame stays whole. */
    kit_sh(&kit,
           "cd mirrors/acme.git && p=$(echo objects/pack/*.pack) && blob=$(git rev-parse main:a.yaml) && "
           "at=$(git verify-pack -v ${p%%.pack}.idx | awk -v b=$blob '$1 == b {print $5 + 40}') && chmod u+w $p && "
           "printf '\\377\\377\\377\\377' | dd of=$p bs=1 seek=$at conv=notrunc status=none");
    struct git_files tree;
    struct err err = {0};
    cr_expect_eq(git_tree_read(kit.arena, kit.mirror, oid, "", NULL, NULL, NULL, NULL, &tree, &err), -ERR_UNAVAILABLE);
    cr_expect(str_starts(str_from(err.text), STR("'a.yaml': the mirror is damaged and will be made again: ")), "%s",
              err.text);
    expect_head(oid);
    cr_expect_eq(git_tree_read(kit.arena, kit.mirror, oid, "", NULL, NULL, NULL, NULL, &tree, &err), 0);
}

Test(git_fetch, another_url_starts_with_an_empty_mirror)
{
    const char *first = kit_push(&kit, "first");
    expect_head(first);
    kit_sh(&kit, "git init -q --bare -b main second.git && cd work && git checkout -q --orphan fresh && "
                 "git commit -q --allow-empty -m fresh && git push -q ../second.git HEAD:main");
    kit.url = arena_printf(kit.arena, "file://%s/second.git", kit.root);
    expect_head(kit_sh(&kit, "git -C work rev-parse HEAD"));
    struct git_commit_info commit;
    cr_expect_eq(git_commit_read(kit.arena, kit.mirror, first, &commit, ERR_IGNORED), -ERR_NOT_FOUND);
}

Test(git_fetch, leftovers_of_a_killed_fetch_do_not_stop_the_next)
{
    expect_head(kit_push(&kit, "first"));
    kit_sh(&kit, "cd mirrors/acme.git && : >refs/heads/main.lock && : >HEAD.lock && : >config.lock && "
                 ": >objects/pack/pack_git2_aaaaaa");
    expect_head(kit_push(&kit, "second"));
    cr_expect_str_eq(kit_sh(&kit, "find mirrors/acme.git -name '*.lock' -o -name '*_git2_*'"), "");
}

Test(git_fetch, a_fetch_killed_at_any_point_leaves_a_mirror_that_the_next_one_can_use)
{
    kit_sh(&kit, "cd work && for n in $(seq 200); do seq $n >$n.yaml; done");
    for (int step = 0; step < 40; step++) {
        kit_sh(&kit, "cd work && echo %d >round", step);
        const char *oid = kit_push(&kit, "round");
        /* A little later each time: from before the start to after the end of a fetch. */
        kit_sh(&kit, "mkdir -p mirrors && timeout -s KILL 0.%03d %s git-fetch mirrors/acme.git %s main 100000000 || :",
               1 + step, TEST_FETCHER, kit.url);
        if (step % 5 == 4) {
            expect_head(oid);
            kit_sh(&kit, "rm -rf mirrors"); /* the next ones are killed over the making of a mirror */
        }
    }
}

Test(git_fetch, two_fetches_into_one_mirror_take_turns)
{
    kit_sh(&kit, "cd work && for n in $(seq 100); do seq $n >$n.yaml; done");
    const char *oid = kit_push(&kit, "first");
    kit_sh(&kit,
           "mkdir mirrors && for n in 1 2 3 4; do %s git-fetch mirrors/acme.git %s main 100000000 >out$n & done; wait; "
           "for n in 1 2 3 4; do echo '{\"head\":\"%s\"}' | cmp - out$n; done",
           TEST_FETCHER, kit.url, oid);
    expect_head(oid);
}

Test(git_fetch, the_machines_git_configuration_does_not_rewrite_the_url)
{
    const char *oid = kit_push(&kit, "first");
    kit_sh(&kit, "mkdir home && git config --file home/.gitconfig url.file:///nonexistent/.insteadOf file://%s/",
           kit.root);
    const char *line = kit_sh(&kit, "HOME=$PWD/home %s git-fetch m.git %s main 100000000", TEST_FETCHER, kit.url);
    cr_expect_str_eq(line, arena_printf(kit.arena, "{\"head\":\"%s\"}", oid));
}

Test(git_fetch, many_fetches_do_not_leave_many_packs)
{
    const char *first = kit_push(&kit, "first");
    char head[GIT_OID_TEXT];
    struct err err = {0};
    for (int i = 0; i < 60; i++) {
        kit_sh(&kit,
               "cd work && echo %d >round && git add -A && git commit -q -m round && git push -q origin HEAD:main", i);
        cr_assert_eq(kit_fetch(&kit, head, &err), 0, "%s", err.text);
    }
    cr_expect_str_eq(kit_sh(&kit, "ls mirrors/acme.git/objects/pack/*.pack | wc -l"), "10");
    cr_expect_str_eq(head, kit_sh(&kit, "git -C work rev-parse HEAD"));
    kit_sh(&kit, "git -C mirrors/acme.git fsck --strict --no-dangling");
    bool is = false;
    cr_expect_eq(git_is_ancestor(kit.mirror, first, head, &is, ERR_IGNORED), 0);
    cr_expect(is);
}
