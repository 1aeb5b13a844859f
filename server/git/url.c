#include "git/url.h"
#include "git/git.h"

#include <ctype.h>
#include <git2.h>
#include <stdio.h>

enum { URL_MAX = 2048, BRANCH_MAX = 255 };

static bool is_host_char(char c)
{
    return isalnum((unsigned char)c) || c == '.' || c == '-' || c == '_';
}

/* Neither an option of a program that it is handed to ("-oProxyCommand=..."), nor anything but a name or an address. */
static int check_host(struct str host, struct err *err)
{
    if (host.len == 0)
        return err_set(err, ERR_INVALID, "the repository URL has no host");
    if (host.data[0] == '[') {
        for (size_t i = 1; i + 1 < host.len; i++)
            if (!isxdigit((unsigned char)host.data[i]) && host.data[i] != ':' && host.data[i] != '.')
                return err_set(err, ERR_INVALID, "the repository URL's host is not an address");
        if (host.len < 4 || host.data[host.len - 1] != ']')
            return err_set(err, ERR_INVALID, "the repository URL's host is not an address");
        return 0;
    }
    if (host.data[0] == '-')
        return err_set(err, ERR_INVALID, "the repository URL's host begins with '-'");
    for (size_t i = 0; i < host.len; i++)
        if (!is_host_char(host.data[i]))
            return err_set(err, ERR_INVALID, "the repository URL's host has a character that no host name has");
    return 0;
}

static int check_user(struct str user, struct err *err)
{
    if (user.len == 0 || user.data[0] == '-')
        return err_set(err, ERR_INVALID, "the repository URL's user name is empty or begins with '-'");
    for (size_t i = 0; i < user.len; i++)
        if (!is_host_char(user.data[i]))
            return err_set(err, ERR_INVALID, "the repository URL's user name has a character that is not allowed");
    return 0;
}

static int check_path(struct str path, struct err *err)
{
    if (path.len == 0 || str_eq(path, STR("/")))
        return err_set(err, ERR_INVALID, "the repository URL has no path");
    if (path.data[0] == '-')
        return err_set(err, ERR_INVALID, "the repository URL's path begins with '-'");
    struct str rest = path;
    while (rest.data) {
        struct str part = str_cut(&rest, '/');
        if (str_eq(part, STR("..")))
            return err_set(err, ERR_INVALID, "the repository URL's path has '..' in it");
    }
    return 0;
}

static int refuse_password(struct err *err)
{
    err_set(err, ERR_INVALID, "the repository URL has a credential in it");
    err_hint(err, "name a file instead: YELLOW_GIT_TOKEN_FILE for https, YELLOW_GIT_SSH_KEY for ssh");
    return -ERR_INVALID;
}

/* [user@]host[:port] of a URL with a scheme. */
static int split_authority(struct str authority, struct git_url *out, struct err *err)
{
    for (size_t i = authority.len; i-- > 0;) {
        if (authority.data[i] != '@')
            continue;
        out->user = (struct str){authority.data, i};
        authority = (struct str){authority.data + i + 1, authority.len - i - 1};
        break;
    }
    size_t end = authority.len;
    while (end > 0 && isdigit((unsigned char)authority.data[end - 1]))
        end--;
    if (end > 0 && authority.data[end - 1] == ':') {
        struct str port = {authority.data + end, authority.len - end};
        int64_t number;
        if (!str_int64(port, 1, 65535, &number))
            return err_set(err, ERR_INVALID, "the repository URL's port is not one between 1 and 65535");
        authority.len = end - 1;
    }
    out->host = authority;
    return 0;
}

static int parse_scheme(struct str rest, struct git_url *out, struct err *err)
{
    size_t slash = 0;
    while (slash < rest.len && rest.data[slash] != '/')
        slash++;
    struct str authority = {rest.data, slash};
    out->path = (struct str){rest.data + slash, rest.len - slash};

    if (out->scheme == GIT_URL_FILE) {
        if (authority.len)
            return err_set(err, ERR_INVALID, "a file URL names no host: file:///absolute/path");
        return check_path(out->path, err);
    }
    int rc = split_authority(authority, out, err);
    if (rc)
        return rc;
    /* The name alone would do as a token on some forges, so https takes no user at all. */
    if (out->user.data && (out->scheme != GIT_URL_SSH || memchr(out->user.data, ':', out->user.len)))
        return refuse_password(err);
    if (out->user.data && (rc = check_user(out->user, err)))
        return rc;
    if (out->scheme != GIT_URL_SSH &&
        (memchr(out->path.data, '?', out->path.len) || memchr(out->path.data, '#', out->path.len)))
        return err_set(err, ERR_INVALID, "the repository URL has a query or a fragment");
    if ((rc = check_host(out->host, err)))
        return rc;
    return check_path(out->path, err);
}

/* user@host:path, as ssh takes it. */
static int parse_scp(struct str text, struct git_url *out, struct err *err)
{
    const char *at = memchr(text.data, '@', text.len);
    const char *colon = memchr(text.data, ':', text.len);
    if (!at || !colon) {
        err_set(err, ERR_INVALID, "the repository URL has no scheme");
        err_hint(err, "use https://, ssh://, user@host:path or file:///");
        return -ERR_INVALID;
    }
    if (colon < at)
        return refuse_password(err);
    out->scheme = GIT_URL_SSH;
    out->user = (struct str){text.data, (size_t)(at - text.data)};
    out->host = (struct str){at + 1, (size_t)(colon - at - 1)};
    out->path = (struct str){colon + 1, text.len - (size_t)(colon + 1 - text.data)};
    int rc;
    if ((rc = check_user(out->user, err)) || (rc = check_host(out->host, err)))
        return rc;
    return check_path(out->path, err);
}

int git_url_parse(const char *url, bool loopback_http, struct git_url *out, struct err *err)
{
    static const struct {
        struct str prefix;
        enum git_url_scheme scheme;
    } schemes[] = {
        {STR("https://"), GIT_URL_HTTPS},
        {STR("ssh://"), GIT_URL_SSH},
        {STR("file://"), GIT_URL_FILE},
    };
    struct str text = str_from(url);
    struct git_url parsed = {0};
    if (text.len == 0)
        return err_set(err, ERR_INVALID, "the repository URL is empty");
    if (text.len > URL_MAX)
        return err_set(err, ERR_INVALID, "the repository URL is longer than %d bytes", URL_MAX);
    if (!str_is_utf8(text))
        return err_set(err, ERR_INVALID, "the repository URL is not UTF-8");
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] <= ' ' || text.data[i] == 0x7f || text.data[i] == '\\')
            return err_set(err, ERR_INVALID, "the repository URL has a space, a backslash or a control character");

    int rc = -ERR_INVALID;
    size_t i = 0;
    for (; i < sizeof schemes / sizeof *schemes; i++)
        if (str_starts(text, schemes[i].prefix))
            break;
    if (i < sizeof schemes / sizeof *schemes) {
        parsed.scheme = schemes[i].scheme;
        rc = parse_scheme((struct str){text.data + schemes[i].prefix.len, text.len - schemes[i].prefix.len}, &parsed,
                          err);
    } else if (loopback_http && str_starts(text, STR("http://127.0.0.1:"))) {
        parsed.scheme = GIT_URL_HTTPS;
        rc = parse_scheme((struct str){text.data + 7, text.len - 7}, &parsed, err);
    } else if (strstr(url, "://")) {
        err_set(err, ERR_INVALID, "the repository URL's scheme is not one of https, ssh and file");
        err_hint(err, "http and git are not allowed: neither proves who answers");
    } else {
        rc = parse_scp(text, &parsed, err);
    }
    if (rc == 0)
        *out = parsed;
    return rc;
}

int git_check_url(const char *url, struct err *err)
{
    struct git_url parsed;
    return git_url_parse(url, false, &parsed, err);
}

const char *git_url_name(struct arena *arena, const char *url)
{
    struct git_url parsed;
    if (git_url_parse(url, true, &parsed, ERR_IGNORED) != 0 || parsed.scheme == GIT_URL_FILE)
        return NULL;
    struct str path = parsed.path;
    while (path.len && path.data[path.len - 1] == '/')
        path.len--;
    if (str_ends(path, STR(".git")))
        path.len -= 4;
    size_t begin = path.len, slashes = 0;
    for (; begin > 0; begin--)
        if (path.data[begin - 1] == '/' && ++slashes == 2)
            break;
    struct str name = {path.data + begin, path.len - begin}, rest = name, owner = str_cut(&rest, '/');
    return owner.len && rest.len ? arena_strndup(arena, name.data, name.len) : NULL;
}

int git_check_branch(const char *branch, struct err *err)
{
    struct str name = str_from(branch);
    if (name.len == 0)
        return err_set(err, ERR_INVALID, "the branch name is empty");
    if (name.len > BRANCH_MAX)
        return err_set(err, ERR_INVALID, "the branch name is longer than %d bytes", BRANCH_MAX);
    if (!str_is_utf8(name))
        return err_set(err, ERR_INVALID, "the branch name is not UTF-8");
    if (str_starts(name, STR("refs/"))) {
        err_set(err, ERR_INVALID, "branch '%s' is a full reference", branch);
        err_hint(err, "name the branch alone, as in: main");
        return -ERR_INVALID;
    }
    char ref[sizeof "refs/heads/" + BRANCH_MAX];
    snprintf(ref, sizeof ref, "refs/heads/%s", branch);
    int valid = 0;
    if (name.data[0] == '-' || str_eqz(name, "HEAD") || git_reference_name_is_valid(&valid, ref) || !valid) {
        /* The name may hold control characters, so it is not repeated. */
        err_set(err, ERR_INVALID, "the branch name is not one that git accepts");
        err_hint(err, "see git help check-ref-format");
        return -ERR_INVALID;
    }
    return 0;
}

int git_check_ref(const char *ref, struct err *err)
{
    static const char *const pulls[] = {"refs/pull/", "refs/merge-requests/"};
    struct str rest = str_from(ref);
    for (size_t i = 0; i < sizeof pulls / sizeof *pulls; i++) {
        if (!str_starts(rest, str_from(pulls[i])))
            continue;
        const char *number = ref + strlen(pulls[i]);
        size_t digits = strspn(number, "0123456789");
        if (digits && digits < 20 && strcmp(number + digits, "/head") == 0)
            return 0;
    }
    return git_check_branch(ref, err);
}
