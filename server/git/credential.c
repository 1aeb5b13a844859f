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

int git_credential_token(struct arena *arena, struct str host, const char **user, const char **token)
{
    const char *path = getenv("YELLOW_GIT_TOKEN_FILE");
    struct str text;
    struct err err = {0};
    if (!path || !*path)
        return GIT_PASSTHROUGH;
    if (file_read(arena, path, TOKEN_FILE_MAX, &text, &err))
        return deny(arena_printf(arena, "YELLOW_GIT_TOKEN_FILE: %s", err.text));
    while (text.data) {
        struct str line = str_cut(&text, '\n');
        struct str words[3];
        for (int i = 0; i < 3; i++)
            words[i] = next_word(&line);
        if (words[1].len == 0 || words[0].data[0] == '#' || !str_eq(words[0], host))
            continue;
        struct str secret = words[2].len ? words[2] : words[1];
        /* The user that GitHub's and GitLab's tokens go with when none is asked for. */
        *user = words[2].len ? arena_strndup(arena, words[1].data, words[1].len) : "x-access-token";
        *token = arena_strndup(arena, secret.data, secret.len);
        return 0;
    }
    return GIT_PASSTHROUGH;
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
