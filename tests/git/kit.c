#include "git/kit.h"

#include "base/file.h"
#include "base/proc.h"

#include <criterion/criterion.h>
#include <stdlib.h>

void kit_init(struct kit *kit)
{
    char root[] = "/tmp/yellow-git-XXXXXX";
    cr_assert(mkdtemp(root));
    kit->arena = arena_new();
    kit->root = arena_strdup(kit->arena, root);
    kit->mirror = arena_printf(kit->arena, "%s/mirrors/acme.git", root);
    kit->url = arena_printf(kit->arena, "file://%s/origin.git", root);
    kit_sh(kit, "git init -q --bare -b main origin.git && git init -q -b main work && "
                "git -C work remote add origin ../origin.git");
}

void kit_dispose(struct kit *kit)
{
    cr_assert_eq(file_remove_tree(kit->root, ERR_IGNORED), 0);
    arena_free(kit->arena);
}

char *kit_sh(struct kit *kit, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *line = arena_vprintf(kit->arena, fmt, args);
    va_end(args);
    const char *argv[] = {"sh", "-euc", line, NULL};
    const char *env[] = {"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin",
                         "HOME=/nonexistent",
                         "GIT_CONFIG_NOSYSTEM=1",
                         "GIT_AUTHOR_NAME=Ann Author",
                         "GIT_AUTHOR_EMAIL=ann@example.net",
                         "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z",
                         "GIT_COMMITTER_NAME=Ann Author",
                         "GIT_COMMITTER_EMAIL=ann@example.net",
                         "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z",
                         NULL};
    struct proc_options options = {.argv = argv, .env = env, .cwd = kit->root, .output_cap = 1 << 20};
    struct proc_result result;
    struct err err = {0};
    cr_assert_eq(proc_run(kit->arena, &options, &result, &err), 0, "%s", err.text);
    cr_assert_eq(result.exit_code, 0, "%s: %.*s", line, (int)result.errors.len, result.errors.data);
    struct str out = str_trim(result.output);
    return arena_strndup(kit->arena, out.data ? out.data : "", out.len);
}

char *kit_push(struct kit *kit, const char *message)
{
    return kit_sh(kit,
                  "cd work && git add -A && git commit -q --allow-empty -m '%s' && git push -q -f origin HEAD:main && "
                  "git rev-parse HEAD",
                  message);
}

char *kit_push_tree(struct kit *kit, const char *entries)
{
    /* By file, so that the text meets no format and no further quoting. */
    struct err err = {0};
    cr_assert_eq(file_write(arena_printf(kit->arena, "%s/entries.sh", kit->root), str_from(entries), 0600, &err), 0);
    return kit_sh(kit,
                  "cd work && sh -eu ../entries.sh | tr '\\n' '\\0' >../entries && "
                  "tree=$(git mktree -z --missing <../entries) && commit=$(git commit-tree -p HEAD -m made $tree) && "
                  "git push -q -f origin $commit:refs/heads/main && echo $commit");
}

int kit_fetch(struct kit *kit, char head[GIT_OID_TEXT], struct err *err)
{
    static const struct git_fetch_options options = {.executable = TEST_FETCHER};
    return git_fetch_with(kit->arena, kit->mirror, kit->url, "main", NULL, &options, head, err);
}
