#include "pg/migrate.h"

#include "base/crypto.h"
#include "base/vec.h"

#include <inttypes.h>

/* One number for all Yellows of one database; "yellow" in ASCII. */
#define LOCK_KEY "133475519590263"

struct migration {
    int version;
    const char *name;
    const char *sql;
    char checksum[SHA256_HEX_SIZE];
};

typedef vec(struct migration) migration_vec;

struct migrator {
    migration_vec known;
    const struct migration *applied; /* by the last step, NULL: none was pending */
};

/* migrations/NNNN_name.sql; false when path is something else. */
static bool read_path(struct arena *arena, struct str path, struct migration *out)
{
    const struct str folder = STR("migrations/"), end = STR(".sql");
    if (!str_starts(path, folder) || !str_ends(path, end) || path.len < folder.len + 6 + end.len)
        return false;
    struct str rest = {path.data + folder.len, path.len - folder.len - end.len};
    int64_t version;
    if (rest.data[4] != '_' || !str_int64((struct str){rest.data, 4}, 1, 9999, &version))
        return false;
    out->version = (int)version;
    out->name = arena_strndup(arena, rest.data + 5, rest.len - 5);
    return true;
}

static int collect(struct arena *arena, const struct embed_file *files, size_t count, migration_vec *out,
                   struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct migration migration;
        if (!read_path(arena, str_from(files[i].path), &migration))
            continue;
        if (migration.version != (int)out->len + 1)
            return err_set(err, ERR_INTERNAL, "migration %s stands where %04zu is expected", files[i].path,
                           out->len + 1);
        migration.sql = arena_strndup(arena, files[i].data.data, files[i].data.len);
        crypto_sha256_hex(files[i].data, migration.checksum);
        *vec_push(arena, out) = migration;
    }
    return 0;
}

static int check_applied(struct pg *pg, struct arena *arena, const migration_vec *known, size_t *applied,
                         struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, "SELECT version, name, checksum FROM schema_migrations ORDER BY version", PG_MANY,
                      &rows, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < rows.count; i++) {
        int64_t version = pg_integer(&rows, i, 0);
        if (version != (int64_t)i + 1)
            return err_set(err, ERR_CONFLICT, "schema_migrations has version %" PRId64 " where %zu is expected",
                           version, i + 1);
        if (i >= known->len) {
            (void)err_set(err, ERR_CONFLICT,
                          "the database has migration %04" PRId64 "_%s and this program ends at %04zu", version,
                          pg_text(&rows, i, 1), known->len);
            return err_hint(err, "the database is newer than the program: run a newer yellow");
        }
        if (strcmp(pg_text(&rows, i, 2), known->items[i].checksum) != 0) {
            (void)err_set(err, ERR_CONFLICT, "migration %04" PRId64 "_%s was changed after it was applied", version,
                          known->items[i].name);
            return err_hint(err, "restore its text, and put the change in a new migration");
        }
    }
    *applied = rows.count;
    return 0;
}

static int step(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct migrator *migrator = ctx;
    size_t applied = 0;
    migrator->applied = NULL;
    /* The advisory lock is waited for as long as another process migrates; table locks are not, as who waits for one
     * makes everybody else wait too. */
    int rc = pg_script(pg, "SELECT pg_advisory_xact_lock(" LOCK_KEY ")", err);
    if (!rc)
        rc = pg_script(pg,
                       "SET LOCAL lock_timeout = '5s'; SET LOCAL client_min_messages = warning; "
                       "CREATE TABLE IF NOT EXISTS schema_migrations ("
                       "version int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, "
                       "applied_at timestamptz NOT NULL DEFAULT now())",
                       err);
    if (!rc)
        rc = check_applied(pg, arena, &migrator->known, &applied, err);
    if (rc || applied == migrator->known.len)
        return rc;
    const struct migration *next = &migrator->known.items[applied];
    rc = pg_script(pg, next->sql, err);
    if (rc)
        return err_prefix(err, "migration %04d_%s", next->version, next->name);
    if (PQtransactionStatus(pg_raw(pg)) != PQTRANS_INTRANS)
        return err_set(err, ERR_INTERNAL, "migration %04d_%s ends its transaction", next->version, next->name);
    rc = pg_query(pg, arena, "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)", PG_NONE,
                  NULL, err, pg_int(arena, next->version), PG_TEXT(next->name), PG_TEXT(next->checksum));
    if (!rc)
        migrator->applied = next;
    return rc;
}

int pg_migrate(struct pg *pg, struct arena *arena, const struct embed_file *files, size_t count,
               pg_migrate_report_fn *report, void *ctx, struct err *err)
{
    struct migrator migrator = {0};
    int rc = collect(arena, files, count, &migrator.known, err);
    if (rc)
        return rc;
    /* An index on a big table takes its time; a lost peer is noticed by keepalives. */
    int64_t statement_ms = pg_statement_ms(pg);
    rc = pg_set_statement_ms(pg, 0, err);
    while (!rc) {
        rc = pg_transaction(pg, arena, step, &migrator, err);
        if (rc || !migrator.applied)
            break;
        if (report)
            report(ctx, migrator.applied->version, migrator.applied->name);
    }
    int restored = pg_set_statement_ms(pg, statement_ms, rc ? NULL : err);
    return rc ? rc : restored;
}
