#ifndef YELLOW_PG_EMBEDDED_INTERNAL_H
#define YELLOW_PG_EMBEDDED_INTERNAL_H

#include "pg/embedded.h"
#include "pg/install.h"

/* What embedded.c and embedded_dir.c share; nobody else includes it. */

struct pg_embedded {
    struct arena *arena;
    const char *dir, *data, *run, *url; /* absolute */
    const char *user;                   /* NULL: our own */
    uid_t uid;
    gid_t gid;
    int lock;
    pid_t pid;
    struct pg_install install;
    bool no_sync;
};

/* ERR_IO with errno: "open /x: Permission denied". */
int embedded_fail(struct err *err, const char *what, const char *path);
/* The folder itself: made, found, locked against other Yellows; its owner, who must be able to reach it. */
int embedded_prepare_dir(struct pg_embedded *e, const char *dir, struct err *err);
/* A folder for the cluster's owner alone. */
int embedded_make_dir(const struct pg_embedded *e, const char *path, struct err *err);
/* Where the socket is: run/, or a short folder that socket-dir names where its path would be too long for a socket. */
int embedded_make_socket_dir(struct pg_embedded *e, struct err *err);
/* Gives a short folder and the lock back. */
void embedded_release_dir(struct pg_embedded *e);

#endif
