#include "api/reading.h"

#include "api/app.h"
#include "api/job_json.h"

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
