#include "git/credential.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>

enum { TOKEN_FILE_MAX = 65536 };

static int deny(const char *text)
{
    git_error_set_str(GIT_ERROR_CALLBACK, text);
    return GIT_EAUTH;
}

static struct str next_word(struct str *line)
{
    *line = str_trim(*line);
    size_t end = 0;
    while (end < line->len && line->data[end] != ' ' && line->data[end] != '\t')
        end++;
    struct str word = {line->data, end};
    *line = (struct str){line->data + end, line->len - end};
    return word;
}

/* One line of the file: [NAME=]HOST [USER] TOKEN. */
struct entry {
    bool named; /* and not what its host gets when nobody names one */
    struct str name, host, user, token;
};

/* False at the end of the text. */
static bool next_entry(struct str *text, struct entry *out)
{
    while (text->data) {
        struct str line = str_cut(text, '\n');
        struct str words[3];
        for (int i = 0; i < 3; i++)
            words[i] = next_word(&line);
        if (words[1].len == 0 || words[0].data[0] == '#')
            continue;
        const char *sign = memchr(words[0].data, '=', words[0].len);
        *out = (struct entry){.named = sign != NULL, .host = words[0], .token = words[1]};
        if (sign)
            out->name = str_cut(&out->host, '=');
        if (words[2].len) {
            out->user = words[1];
            out->token = words[2];
        }
        return true;
    }
    return false;
}

/* What YELLOW_GIT_TOKEN_FILE names, read anew each time: a token that is replaced there counts at once. *out is without
 * data when it names none. */
static int read_tokens(struct arena *arena, struct str *out, struct err *err)
{
    const char *path = getenv("YELLOW_GIT_TOKEN_FILE");
    *out = (struct str){0};
    if (!path || !*path || file_read(arena, path, TOKEN_FILE_MAX, out, err) == 0)
        return 0;
    return err_prefix(err, "YELLOW_GIT_TOKEN_FILE");
}

int git_credential_token(struct arena *arena, struct str host, const char **user, const char **token)
{
    struct str text;
    struct entry entry;
    struct err err = {0};
    if (read_tokens(arena, &text, &err))
        return deny(err.text);
    while (next_entry(&text, &entry)) {
        if (entry.named || !str_eq(entry.host, host))
            continue;
        /* The user that GitHub's and GitLab's tokens go with when none is asked for. */
        *user = entry.user.len ? arena_strndup(arena, entry.user.data, entry.user.len) : "x-access-token";
        *token = arena_strndup(arena, entry.token.data, entry.token.len);
        return 0;
    }
    return GIT_PASSTHROUGH;
}

int git_credential_named(struct arena *arena, const char *name, struct str host, const char **token, struct err *err)
{
    struct str text, bound = {0};
    struct entry entry;
    if (read_tokens(arena, &text, err))
        return err_set(err, ERR_UNAVAILABLE, "%s", arena_strdup(arena, err->text));
    while (next_entry(&text, &entry)) {
        if (!entry.named || !str_eqz(entry.name, name))
            continue;
        if (str_eq(entry.host, host)) {
            *token = arena_strndup(arena, entry.token.data, entry.token.len);
            return 0;
        }
        bound = bound.data ? bound : entry.host;
    }
    if (bound.data)
        return err_set(err, ERR_UNAUTHORIZED, "token %s is bound to " STR_FMT ", not to " STR_FMT, name, STR_ARG(bound),
                       STR_ARG(host));
    /* the name is not told: somebody may have taken the token for it */
    (void)err_set(err, ERR_UNAUTHORIZED, "there is no token of that name");
    return err_hint(err, "YELLOW_GIT_TOKEN_FILE of the server names a file of lines NAME=HOST TOKEN");
}

int git_credential_get(struct git_credential_source *source, const char *url, const char *user, unsigned allowed,
                       git_credential **out)
{
    struct git_url asked = {0};

    if (git_url_parse(url, true, &asked, ERR_IGNORED) || !str_eq(asked.host, source->url->host))
        return deny("another host than the registered one asks for a credential");
    if (!user)
        user = source->url->user.data ? arena_strndup(source->arena, source->url->user.data, source->url->user.len)
                                      : "git";
    if (allowed & GIT_CREDENTIAL_USERNAME)
        return git_credential_username_new(out, user);
    if (source->asked++)
        return deny("the repository refuses the credential");
    if (allowed & GIT_CREDENTIAL_SSH_KEY) {
        const char *key = getenv("YELLOW_GIT_SSH_KEY");
        if (!key || !*key)
            return deny("the repository asks for an SSH key and YELLOW_GIT_SSH_KEY is not set");
        return git_credential_ssh_key_new(out, user, NULL, key, "");
    }
    return deny("the repository asks for a kind of credential that is not supported");
}
