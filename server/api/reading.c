#include "api/reading.h"

#include "api/app.h"
#include "api/job_json.h"
#include "base/time.h"
#include "store/version.h"

int reading_begin(struct http_request *req, struct reading *out, struct err *err)
{
    *out = (struct reading){0};
    if (pg_pool_take(app_of(req)->pool, &out->pg, err) != 0)
        return -err->code;
    int rc = ecosystem_get(out->pg, req->arena, http_param(req, "eco"), &out->ecosystem, err);
    if (rc)
        reading_end(req, out);
    return rc;
}

void reading_end(struct http_request *req, struct reading *reading)
{
    pg_pool_give(app_of(req)->pool, reading->pg);
    reading->pg = NULL;
}

int reading_no_query(const struct http_request *req, struct err *err)
{
    static const char *const none[] = {NULL};
    return http_check_query(req, none, err);
}

int reading_choice(const struct http_request *req, const char *name, const char *const *choices, const char **out,
                   struct err *err)
{
    const char *text = http_query(req, name);
    struct buf *known = buf_new(req->arena);
    *out = text;
    for (size_t i = 0; text && choices[i]; i++) {
        if (strcmp(choices[i], text) == 0)
            return 0;
        buf_addf(known, "%s%s", i ? ", " : "", choices[i]);
    }
    return text ? err_set(err, ERR_SYNTAX, "%s \"%.64s\" is none of %s", name, text, buf_text(known)) : 0;
}

int reading_dry_run(const struct http_request *req, bool *out, struct err *err)
{
    static const char *const query[] = {"dry_run", NULL}, *const choices[] = {"true", "false", NULL};
    const char *text;
    if (http_check_query(req, query, err) != 0 || reading_choice(req, "dry_run", choices, &text, err) != 0)
        return -err->code;
    *out = text && strcmp(text, "true") == 0;
    return 0;
}

int reading_job(struct http_request *req, struct job_row *out, struct err *err)
{
    struct job_key key = job_key_of(req);
    struct pg *pg;
    if (reading_no_query(req, err) != 0 || pg_pool_take(app_of(req)->pool, &pg, err) != 0)
        return -err->code;
    int rc = job_store_get(pg, req->arena, &key, out, err);
    pg_pool_give(app_of(req)->pool, pg);
    return rc;
}

enum { PARAMETERS_MAX = 8 };

int reading_check_query(const struct http_request *req, const char *const *known, struct err *err)
{
    const char *all[PARAMETERS_MAX + 3] = {"version", "at"};
    size_t n = 2;
    while (*known && n < PARAMETERS_MAX + 2)
        all[n++] = *known++;
    return http_check_query(req, all, err);
}

int reading_version_query(const struct http_request *req, const char *name, int *out, struct err *err)
{
    const char *text = http_query(req, name);
    int64_t version = 0;
    if (text && !str_int64(str_from(text), 1, INT32_MAX, &version))
        return err_set(err, ERR_SYNTAX, "%s \"%.32s\" is not a number from 1", name, text);
    *out = (int)version;
    return 0;
}

/* A plus sign that was not encoded arrives as a space. */
static bool read_time(struct arena *arena, const char *text, int64_t *out)
{
    size_t len = strlen(text);
    char *copy = arena_strndup(arena, text, len);
    if (len > 6 && copy[len - 6] == ' ')
        copy[len - 6] = '+';
    return time_read(copy, out);
}

static int version_at(struct http_request *req, const char *text, int *out, struct err *err)
{
    struct version_then then;
    struct reading reading;
    int64_t at;
    if (!read_time(req->arena, text, &at)) {
        (void)err_set(err, ERR_SYNTAX, "at \"%.40s\" is not a time", text);
        return err_hint(err, "as in RFC 3339: 2026-01-31T23:59:59Z");
    }
    char shown[TIME_TEXT_SIZE];
    time_format(at, shown);
    if (reading_begin(req, &reading, err) != 0)
        return -err->code;
    int rc = version_at_time(reading.pg, req->arena, reading.ecosystem.name, shown, &then, err);
    reading_end(req, &reading);
    if (rc)
        return rc;
    if (then.future) {
        (void)err_set(err, ERR_INVALID, "at: %s is yet to come", shown);
        return err_hint(err, "without at the version in force is read");
    }
    if (!then.version && then.first) {
        (void)err_set(err, ERR_NOT_FOUND, "ecosystem %s had no model version at %s", reading.ecosystem.name, shown);
        return err_hint(err, "version 1 came at %s", then.first);
    }
    *out = then.version; /* 0: there is none at all, which reading_snapshot_of says */
    return 0;
}

int reading_version(struct http_request *req, int *out, struct err *err)
{
    const char *at = http_query(req, "at");
    if (at && http_query(req, "version"))
        return err_set(err, ERR_SYNTAX, "version and at are two ways to say the same: one of them");
    return at ? version_at(req, at, out, err) : reading_version_query(req, "version", out, err);
}

static void release(void *snapshot)
{
    snapshot_release(snapshot);
}

int reading_snapshot_of(struct http_request *req, int version, const struct snapshot **out, struct err *err)
{
    struct snapshot *snapshot;
    int rc = snapshots_get(app_of(req)->snapshots, http_param(req, "eco"), version, &snapshot, err);
    if (rc)
        return rc;
    arena_defer(req->arena, release, snapshot);
    if (!snapshot->model) {
        err_set(err, ERR_NOT_FOUND, "ecosystem %s has no model version yet", snapshot->ecosystem);
        return err_hint(err, "push to its branch, or POST .../merges, and look at .../deliveries");
    }
    *out = snapshot;
    return 0;
}

int reading_snapshot(struct http_request *req, const struct snapshot **out, struct err *err)
{
    int version = 0, rc = reading_version(req, &version, err);
    return rc ? rc : reading_snapshot_of(req, version, out, err);
}

int reading_cursor(struct http_request *req, const struct snapshot **out, size_t *begin, struct err *err)
{
    const char *parts[2];
    bool present;
    int64_t version = 0, place = 0;
    int asked = 0, rc = http_cursor_read(req, parts, 2, &present, err);
    if (!rc)
        rc = reading_version(req, &asked, err);
    if (rc)
        return rc;
    if (present && (!str_int64(str_from(parts[0]), 1, INT32_MAX, &version) ||
                    !str_int64(str_from(parts[1]), 1, INT32_MAX, &place) || (asked && asked != version)))
        return http_cursor_refuse(err);
    *begin = (size_t)place;
    return reading_snapshot_of(req, present ? (int)version : asked, out, err);
}

void reading_settled(struct http_request *req, struct http_response *res)
{
    if (http_query(req, "version"))
        http_add_header(req, res, "Cache-Control", "private, max-age=31536000, immutable");
}
