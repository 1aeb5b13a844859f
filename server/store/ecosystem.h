#ifndef YELLOW_STORE_ECOSYSTEM_H
#define YELLOW_STORE_ECOSYSTEM_H

#include "base/json.h"
#include "pg/pg.h"

/* A registered ecosystem by one of its repositories: where a part of its model comes from, and which version is in
 * force. Its own repository comes with the registration; others stand beside it (store/repository.h). */
struct ecosystem_row {
    const char *name;
    const char *repo; /* the name that the repository is registered under; "" or NULL: the ecosystem's own */
    const char *url, *branch, *path;
    const char *repository; /* what owners in the model call it; "" or NULL: what the URL says */
    json_t *forge;          /* {"kind", "api", "repository", "token"}: who is told the outcomes; NULL: nobody */
    json_t *secrets;        /* references only: [{"file": ...} | {"env": ...}] */
    int64_t revision;       /* of this configuration */
    int version;            /* in force; 0: none yet */
    const char *created_at, *updated_at;
    const char *head_oid; /* the last head that was decided on, NULL before the first; and its delivery */
    int64_t head_delivery;
    const char *head_at;
    const char *in_force, *in_force_path; /* its commit in the version in force, and the folder of it; NULL: none */
    bool shared;                          /* the ecosystem has more than its own repository */
};

/* The name that the row's repository is registered under, "" for the ecosystem's own: what tables call it. */
static inline const char *ecosystem_repo(const struct ecosystem_row *row)
{
    return row->repo ? row->repo : "";
}

static inline bool ecosystem_is_own(const struct ecosystem_row *row)
{
    return !ecosystem_repo(row)[0];
}

/* ERR_NOT_FOUND in the words for it: "there is no ecosystem NAME", and "ecosystem NAME has no WHAT". */
int ecosystem_unknown(struct err *err, const char *name);
int ecosystem_lacks(struct err *err, const char *name, const char *what, ...) __attribute__((format(printf, 3, 4)));

/* Rows and what they point to are on the arena. ERR_NOT_FOUND that names it for an unknown ecosystem. */
int ecosystem_get(struct pg *pg, struct arena *arena, const char *name, struct ecosystem_row *out, struct err *err);
/* As ecosystem_get, and holds the ecosystem with all its repositories until the transaction ends. */
int ecosystem_lock(struct pg *pg, struct arena *arena, const char *name, struct ecosystem_row *out, struct err *err);
/* By name, those after the name `after` ("" for all), at most limit. */
int ecosystem_list(struct pg *pg, struct arena *arena, const char *after, size_t limit, struct ecosystem_row **out,
                   size_t *count, struct err *err);
/* Writes name, url, branch, path, repository and secrets of row. ERR_CONFLICT when it is there already. */
int ecosystem_create(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, struct err *err);
/* As ecosystem_create for one that is there at row->revision: ERR_STALE when it has another revision by now. */
int ecosystem_update(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, struct err *err);
/* Records the head of row's repository that delivery decided on; at: the database's time before its fetch. Nothing when
 * the row has another revision by now: what was fetched may be another repository. */
int ecosystem_set_head(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, const char *oid,
                       const char *at, int64_t delivery, struct err *err);
/* The head that was decided on was met again, by a fetch that began at `at`. Nothing when it is another one by now. */
int ecosystem_head_again(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, const char *oid,
                         const char *at, struct err *err);
/* The head of its own repository that was decided on is decided on again when it is next met. */
int ecosystem_forget_head(struct pg *pg, struct arena *arena, const char *name, struct err *err);
/* Puts version in force: ERR_STALE unless the one before it is. */
int ecosystem_advance(struct pg *pg, struct arena *arena, const char *name, int version, struct err *err);
/* The repository that is to be looked at now, and not again for about interval_ms by anybody; *name is NULL when there
 * is none. */
int ecosystem_poll(struct pg *pg, struct arena *arena, int64_t interval_ms, const char **name, const char **repo,
                   struct err *err);
/* How long it is until the next one, in milliseconds; interval_ms when there are no ecosystems. */
int ecosystem_poll_wait(struct pg *pg, struct arena *arena, int64_t interval_ms, int64_t *out, struct err *err);

#endif
