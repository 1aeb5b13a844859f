#include "base/time.h"
#include "pg/internal.h"

#include <poll.h>
#include <stdio.h>

enum { TX_ATTEMPTS = 5 };

static int commit_unknown(struct pg *pg, struct err *err)
{
    pg->broken = true;
    (void)err_set(err, ERR_UNAVAILABLE, "database: the connection was lost before the answer to COMMIT (08007)");
    (void)snprintf(err->sqlstate, sizeof err->sqlstate, "08007");
    return err_hint(err, "whether the transaction took effect is unknown: read before trying again");
}

int pg_commit(struct pg *pg, struct err *err)
{
    PGresult *result = NULL;
    if (pg->broken)
        return err_set(err, ERR_UNAVAILABLE, "database: the connection was lost");
    if (PQtransactionStatus(pg->conn) == PQTRANS_INERROR) {
        (void)pg_script(pg, "ROLLBACK", ERR_IGNORED);
        return err_set(err, ERR_INTERNAL,
                       "database: a failed statement was overlooked, the transaction was rolled back");
    }
    if (PQtransactionStatus(pg->conn) != PQTRANS_INTRANS)
        return err_set(err, ERR_INTERNAL, "database: the transaction was ended from within");
    pg_count_statement();
    if (!PQsendQuery(pg->conn, "COMMIT"))
        return commit_unknown(pg, err);
    int rc = pg_finish_statement(pg, pg_statement_deadline(pg), &result, ERR_IGNORED);
    if (rc || !result)
        rc = commit_unknown(pg, err);
    else if (PQresultStatus(result) == PGRES_COMMAND_OK)
        rc = strcmp(PQcmdStatus(result), "COMMIT") == 0
                 ? 0
                 : err_set(err, ERR_INTERNAL, "database: COMMIT was answered with %s", PQcmdStatus(result));
    else if (PQstatus(pg->conn) != CONNECTION_OK)
        /* Even a FATAL with words of its own may come after the commit was done. */
        rc = commit_unknown(pg, err);
    else
        rc = pg_fail(pg, result, err);
    PQclear(result);
    return rc;
}

int pg_rollback(struct pg *pg, struct err *err)
{
    if (!pg->broken && PQtransactionStatus(pg->conn) == PQTRANS_IDLE)
        return 0;
    int rc = pg_script(pg, "ROLLBACK", err);
    if (rc)
        pg->broken = true;
    return rc;
}

static bool is_worth_another_try(const struct err *err)
{
    return strcmp(err->sqlstate, "40001") == 0 || strcmp(err->sqlstate, "40P01") == 0;
}

int pg_transaction(struct pg *pg, struct arena *arena, pg_tx_fn *fn, void *ctx, struct err *err)
{
    for (int attempt = 1;; attempt++) {
        if (!pg->broken && PQtransactionStatus(pg->conn) != PQTRANS_IDLE)
            return err_set(err, ERR_INTERNAL, "database: a transaction is open already");
        int rc = pg_script(pg, "BEGIN", err);
        if (rc)
            return rc;
        rc = fn(pg, arena, ctx, err);
        rc = rc < 0 ? rc : pg_commit(pg, err);
        if (rc >= 0)
            return 0;
        /* The first error counts. A rollback that fails leaves a connection that the pool closes. */
        if (!pg->broken)
            (void)pg_rollback(pg, ERR_IGNORED);
        if (pg->broken || attempt == TX_ATTEMPTS || !is_worth_another_try(err))
            return rc;
        /* Two that collide again and again part ways when they wait for different times. */
        (void)poll(NULL, 0, (int)((unsigned)attempt * (5 + (unsigned)time_now_us() % 16)));
    }
}
