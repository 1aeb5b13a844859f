#ifndef YELLOW_STORE_VERSION_H
#define YELLOW_STORE_VERSION_H

#include "base/json.h"
#include "pg/pg.h"

/* An accepted commit. */
struct version_row {
    int version;
    const char *repo;                          /* that was pushed, as of struct ecosystem_row */
    const char *commit_oid, *author, *message; /* author and message may be NULL */
    json_t *summary;                           /* of the plan */
    json_t *findings;                          /* warnings */
    const char *created_at;
    const char *path;   /* the folder of the repository that the model was in; NULL means "", the root */
    json_t *planned;    /* by a pull request (control/foretold.h); NULL: by none */
    json_t *commits;    /* in force with it, of each repository: [{"repository", "commit", "path"}]; read only */
    int rolled_back_to; /* the version whose content it has; 0: a commit was merged */
};

/* Nobody else writes versions of the ecosystem until the transaction ends. */
int version_lock(struct pg *pg, struct arena *arena, const char *ecosystem, struct err *err);
int version_add(struct pg *pg, struct arena *arena, const char *ecosystem, const struct version_row *row,
                const json_t *plan, struct err *err);
/* ERR_NOT_FOUND that names it. */
int version_get(struct pg *pg, struct arena *arena, const char *ecosystem, int version, struct version_row *out,
                struct err *err);
struct version_then {
    int version;       /* in force then; 0: none */
    const char *first; /* when the first one came; NULL: there is none */
    bool future;
};
/* at: as time_format writes it. */
int version_at_time(struct pg *pg, struct arena *arena, const char *ecosystem, const char *at, struct version_then *out,
                    struct err *err);
/* Newest first, those before the version `before` (0: all), at most limit. */
int version_list(struct pg *pg, struct arena *arena, const char *ecosystem, int before, size_t limit,
                 struct version_row **out, size_t *count, struct err *err);
/* The plan's text as the database keeps it. ERR_NOT_FOUND that names the version. */
int version_plan(struct pg *pg, struct arena *arena, const char *ecosystem, int version, struct str *out,
                 struct err *err);

#endif
