#include "control/forge_api.h"

#include "http/url.h"

/* Descriptions of statuses: GitHub takes 140 characters, the others 255 and more. Of what a forge asks to wait, so much
 * is believed. */
enum { DESCRIPTION_MAX = 140, WAIT_MAX_S = 3600 };

const char *const forge_state_names[FORGE_STATE_COUNT] = {"pending", "success", "failure"};

/* In the paths, R is the repository, S the commit or the pull request, C the comment. Sources: each forge's reference
 * of its REST API. */
struct dialect {
    const char *statuses, *comments, *comment;
    enum http_method change; /* of a comment */
    const char *states[FORGE_STATE_COUNT];
    const char *name;    /* the member of a status that tells those of several programs apart */
    bool escaped;        /* the repository is one part of the path */
    bool nested_comment; /* {"content": {"raw": text}} instead of {"body": text} */
    bool needs_url;      /* a status has to lead somewhere */
};

static const struct dialect github = {.statuses = "/repos/R/statuses/S",
                                      .comments = "/repos/R/issues/S/comments",
                                      .comment = "/repos/R/issues/comments/C",
                                      .change = HTTP_PATCH,
                                      .states = {"pending", "success", "failure"},
                                      .name = "context"};
static const struct dialect gitlab = {.statuses = "/projects/R/statuses/S",
                                      .comments = "/projects/R/merge_requests/S/notes",
                                      .comment = "/projects/R/merge_requests/S/notes/C",
                                      .change = HTTP_PUT,
                                      .states = {"pending", "success", "failed"},
                                      .name = "name",
                                      .escaped = true};
static const struct dialect bitbucket = {.statuses = "/repositories/R/commit/S/statuses/build",
                                         .comments = "/repositories/R/pullrequests/S/comments",
                                         .comment = "/repositories/R/pullrequests/S/comments/C",
                                         .change = HTTP_PUT,
                                         .states = {"INPROGRESS", "SUCCESSFUL", "FAILED"},
                                         .name = "key",
                                         .nested_comment = true,
                                         .needs_url = true};

static const struct {
    const char *forge;
    const struct dialect *dialect;
    const char *authorization;
    const char *api; /* NULL: each has its own */
} apis[] = {
    {"github", &github, "Authorization: Bearer ", "https://api.github.com"},
    {"gitlab", &gitlab, "PRIVATE-TOKEN: ", "https://gitlab.com/api/v4"},
    {"bitbucket", &bitbucket, "Authorization: Bearer ", "https://api.bitbucket.org/2.0"},
    {"gitea", &github, "Authorization: token ", NULL},
    {"forgejo", &github, "Authorization: token ", NULL},
};

static size_t row_of(const struct forge *forge)
{
    size_t i = 0;
    while (strcmp(apis[i].forge, forge->name) != 0)
        i++;
    return i;
}

const char *forge_default_api(const struct forge *forge)
{
    return apis[row_of(forge)].api;
}

const char *forge_auth_header(struct arena *arena, const struct forge *forge, const char *token)
{
    return arena_printf(arena, "%s%s", apis[row_of(forge)].authorization, token);
}

static const char *expand(struct arena *arena, const struct forge_address *address, const char *path,
                          const char *subject, const char *comment)
{
    struct buf *url = buf_new(arena);
    bool escaped = apis[row_of(address->forge)].dialect->escaped;
    buf_adds(url, address->api);
    for (; *path; path++)
        switch (*path) {
        case 'R':
            url_encode(url, str_from(address->repository), !escaped);
            break;
        case 'S':
            url_encode(url, str_from(subject), false);
            break;
        case 'C':
            url_encode(url, str_from(comment), false);
            break;
        default:
            buf_addc(url, *path);
        }
    return buf_text(url);
}

static void fill(struct arena *arena, const struct forge_address *address, enum http_method method, const char *path,
                 const char *subject, const char *comment, json_t *body, struct http_client_request *out)
{
    static const char *const headers[] = {"Content-Type: application/json", "Accept: application/json",
                                          "User-Agent: yellow", NULL};
    struct buf *text = buf_new(arena);
    json_write(text, json_own(arena, body));
    *out = (struct http_client_request){.method = method,
                                        .url = expand(arena, address, path, subject, comment),
                                        .headers = headers,
                                        .body = buf_str(text),
                                        .cap = 1 << 20};
}

/* At most that many characters, whole ones. */
static const char *cut(struct arena *arena, const char *text)
{
    size_t characters = 0, end = 0, before_dots = 0;
    for (size_t i = 0; text[i]; i++) {
        if (((unsigned char)text[i] & 0xC0) == 0x80)
            continue;
        if (characters == DESCRIPTION_MAX - 3)
            before_dots = i;
        if (characters++ == DESCRIPTION_MAX)
            end = i;
    }
    return end ? arena_printf(arena, "%.*s...", (int)before_dots, text) : text;
}

void forge_status_request(struct arena *arena, const struct forge_address *address, const char *commit,
                          enum forge_state state, const char *context, const char *description,
                          struct http_client_request *out)
{
    const struct dialect *dialect = apis[row_of(address->forge)].dialect;
    json_t *body = json_pack("{s:s, s:s, s:s}", dialect->name, context, "state", dialect->states[state], "description",
                             cut(arena, description));
    if (dialect->needs_url)
        json_object_set_new(
            body, "url",
            json_string(arena_printf(arena, "https://bitbucket.org/%s/commits/%s", address->repository, commit)));
    fill(arena, address, HTTP_POST, dialect->statuses, commit, "", body, out);
}

void forge_comment_request(struct arena *arena, const struct forge_address *address, const char *pull, const char *id,
                           const char *text, struct http_client_request *out)
{
    const struct dialect *dialect = apis[row_of(address->forge)].dialect;
    json_t *body =
        dialect->nested_comment ? json_pack("{s:{s:s}}", "content", "raw", text) : json_pack("{s:s}", "body", text);
    fill(arena, address, id ? dialect->change : HTTP_POST, id ? dialect->comment : dialect->comments, pull,
         id ? id : "", body, out);
}

static bool header_int(const struct http_client_response *response, const char *name, int64_t *out)
{
    const char *text = http_client_header(response, name);
    return text && str_int64(str_trim(str_from(text)), 0, INT64_MAX, out);
}

/* RFC 9110's Retry-After in seconds; else the time at which GitHub's, Gitea's and GitLab's limits begin anew, when
 * nothing is left. */
static int64_t wait_s(const struct http_client_response *response, bool limited, int64_t now_s)
{
    int64_t seconds = 0, left;
    if (!header_int(response, "Retry-After", &seconds)) {
        bool reset =
            header_int(response, "X-RateLimit-Reset", &seconds) || header_int(response, "RateLimit-Reset", &seconds);
        bool known =
            header_int(response, "X-RateLimit-Remaining", &left) || header_int(response, "RateLimit-Remaining", &left);
        bool spent = known ? left == 0 : limited;
        seconds = reset && spent && seconds > now_s ? seconds - now_s : 0;
    }
    return seconds < WAIT_MAX_S ? seconds : WAIT_MAX_S;
}

/* GitHub says 403 when a limit is spent; of its secondary limits only the message tells. */
static bool is_limited(const struct http_client_response *response)
{
    int64_t left;
    if (response->status == 429)
        return true;
    if (response->status != 403)
        return false;
    if (http_client_header(response, "Retry-After") ||
        (header_int(response, "X-RateLimit-Remaining", &left) && left == 0))
        return true;
    struct arena *arena = arena_new();
    json_t *body;
    const char *message = json_read(arena, response->body, &body, ERR_IGNORED) == 0 ? json_text(body, "message") : NULL;
    bool limited = message && (strcasestr(message, "rate limit") || strcasestr(message, "abuse detection"));
    arena_free(arena);
    return limited;
}

enum forge_answer forge_read_answer(const struct http_client_response *response, int64_t now_s, int64_t *wait_ms)
{
    int status = response->status;
    bool limited = is_limited(response);
    *wait_ms = 0;
    if (status == 404 || status == 410)
        return FORGE_GONE;
    *wait_ms = wait_s(response, limited, now_s) * 1000;
    if (limited)
        return FORGE_LIMITED;
    if (status >= 200 && status < 300)
        return FORGE_DONE;
    return status == 408 || status >= 500 ? FORGE_LATER : FORGE_REFUSED;
}

const char *forge_comment_id(struct arena *arena, struct str body)
{
    json_t *answer;
    if (json_read(arena, body, &answer, ERR_IGNORED) != 0)
        return NULL;
    json_t *id = json_object_get(answer, "id");
    return json_is_integer(id) ? arena_printf(arena, "%lld", (long long)json_integer_value(id)) : NULL;
}
