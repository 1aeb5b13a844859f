#include "git/url.h"
#include "git/git.h"

#include <criterion/criterion.h>

static void refused(const char *url, const char *text)
{
    struct err err = {0};
    cr_expect_eq(git_check_url(url, &err), -ERR_INVALID, "%s", url);
    cr_expect_str_eq(err.text, text, "%s: %s", url, err.text);
}

Test(git_url, https_ssh_and_file_urls_are_accepted)
{
    static const char *const good[] = {
        "https://example.net/acme/model.git", "https://example.net:8443/acme/model.git",
        "https://[2001:db8::1]/m.git",        "ssh://git@example.net/acme/model.git",
        "ssh://example.net:2222/m",           "git@example.net:acme/model.git",
        "file:///srv/git/model.git",          "file:///srv/git/my%20model",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct err err = {0};
        cr_expect_eq(git_check_url(good[i], &err), 0, "%s: %s", good[i], err.text);
    }
}

Test(git_url, a_credential_in_the_url_is_refused_and_not_repeated)
{
    static const char *const bad[] = {"https://ann:hunter2@example.net/m.git", "https://ghp_hunter2@example.net/m.git",
                                      "ssh://git:hunter2@example.net/m.git", "git:hunter2@example.net:m.git"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        cr_expect_eq(git_check_url(bad[i], &err), -ERR_INVALID, "%s", bad[i]);
        cr_expect_str_eq(err.text, "the repository URL has a credential in it");
        cr_expect_str_eq(err.hint, "name a file instead: YELLOW_GIT_TOKEN_FILE for https, YELLOW_GIT_SSH_KEY for ssh");
    }
}

Test(git_url, what_is_wrong_is_said)
{
    refused("", "the repository URL is empty");
    refused("/srv/git/model", "the repository URL has no scheme");
    refused("http://example.net/m.git", "the repository URL's scheme is not one of https, ssh and file");
    refused("http://127.0.0.1:80/m.git", "the repository URL's scheme is not one of https, ssh and file");
    refused("git://example.net/m.git", "the repository URL's scheme is not one of https, ssh and file");
    refused("ext::sh -c id", "the repository URL has a space, a backslash or a control character");
    refused("https://example.net/m\n.git", "the repository URL has a space, a backslash or a control character");
    refused("https:///m.git", "the repository URL has no host");
    refused("https://example.net", "the repository URL has no path");
    refused("https://example.net/", "the repository URL has no path");
    refused("https://example.net/m?x=1", "the repository URL has a query or a fragment");
    refused("https://example.net/a/../m", "the repository URL's path has '..' in it");
    refused("https://exa$mple.net/m", "the repository URL's host has a character that no host name has");
    refused("https://example.net:0/m", "the repository URL's port is not one between 1 and 65535");
    refused("https://example.net:65536/m", "the repository URL's port is not one between 1 and 65535");
    refused("https://[::1/m", "the repository URL's host is not an address");
    refused("ssh://-oProxyCommand=id/m", "the repository URL's host begins with '-'");
    refused("git@-oProxyCommand=id:m", "the repository URL's host begins with '-'");
    refused("ssh://-l@example.net/m", "the repository URL's user name is empty or begins with '-'");
    refused("git@example.net:-m", "the repository URL's path begins with '-'");
    refused("file://host/srv/m", "a file URL names no host: file:///absolute/path");
    refused("file:///srv/../etc", "the repository URL's path has '..' in it");
    refused("https://example.net/\xff", "the repository URL is not UTF-8");
}

Test(git_url, plain_http_passes_on_loopback_only_and_only_when_asked)
{
    struct git_url url;
    cr_expect_eq(git_url_parse("http://127.0.0.1:8080/m.git", true, &url, ERR_IGNORED), 0);
    cr_expect(str_eqz(url.host, "127.0.0.1"));
    cr_expect_eq(git_url_parse("http://127.0.0.1:8080/m.git", false, &url, ERR_IGNORED), -ERR_INVALID);
    cr_expect_eq(git_url_parse("http://127.0.0.1:80@example.net/m.git", true, &url, ERR_IGNORED), -ERR_INVALID);
    cr_expect_eq(git_url_parse("http://example.net/m.git", true, &url, ERR_IGNORED), -ERR_INVALID);
}

Test(git_url, a_host_calls_a_repository_by_the_end_of_its_path)
{
    static const struct {
        const char *url, *name;
    } cases[] = {
        {"https://github.com/acme/data-model.git", "acme/data-model"},
        {"https://github.com/acme/data-model/", "acme/data-model"},
        {"https://gitlab.example.net/group/sub/project.git", "sub/project"},
        {"ssh://git@github.com/acme/data-model.git", "acme/data-model"},
        {"git@github.com:acme/data-model.git", "acme/data-model"},
        {"https://git.example.net/bolt.git", NULL},
        {"file:///srv/acme/data-model.git", NULL},
        {"nonsense", NULL},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *name = git_url_name(arena, cases[i].url);
        cr_expect_str_eq(name ? name : "none", cases[i].name ? cases[i].name : "none", "%s", cases[i].url);
    }
    arena_free(arena);
}

Test(git_url, branch_names_are_those_of_git)
{
    struct err err = {0};
    cr_expect_eq(git_check_branch("main", &err), 0);
    cr_expect_eq(git_check_branch("release/2026-01", &err), 0);
    cr_expect_eq(git_check_branch("", &err), -ERR_INVALID);
    cr_expect_str_eq(err.text, "the branch name is empty");
    cr_expect_eq(git_check_branch("refs/heads/main", &err), -ERR_INVALID);
    cr_expect_str_eq(err.text, "branch 'refs/heads/main' is a full reference");
    cr_expect_str_eq(err.hint, "name the branch alone, as in: main");
    static const char *const bad[] = {"-f", "a..b", "a b", "a:b", "a~1", "HEAD", "a.lock", "a\n", "x/", "/x", "a\\b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_eq(git_check_branch(bad[i], &err), -ERR_INVALID, "%s", bad[i]);
        cr_expect_str_eq(err.text, "the branch name is not one that git accepts");
    }
}
