#include "pg/install.h"

#include "base/proc.h"
#include "base/vec.h"

#include <glob.h>
#include <unistd.h>

static const char *const places[] = {
    "/usr/lib/postgresql/*/bin", /* Debian */
    "/usr/pgsql-*/bin",          /* PGDG's RPMs */
    "/usr/libexec/postgresql*",  /* Alpine */
    "/usr/local/pgsql/bin",      "/usr/bin",
};

typedef vec(const char *) path_vec;

/* What a short program prints, without white space around it; absent when it cannot run. */
static struct str output_of(struct arena *arena, const char *program, const char *option)
{
    const char *const argv[] = {program, option, NULL};
    struct proc_options options = {.argv = argv, .output_cap = 4096, .deadline_ms = 10000};
    struct proc_result result;
    if (proc_run(arena, &options, &result, ERR_IGNORED) != 0 || result.exit_code != 0)
        return (struct str){0};
    return str_trim(result.output);
}

/* "postgres (PostgreSQL) 15.4 (Debian ...)": 15, or 0 when bindir holds no server. */
static int major_of(struct arena *arena, const char *bindir)
{
    const char *postgres = arena_printf(arena, "%s/postgres", bindir);
    if (access(postgres, X_OK) != 0 || access(arena_printf(arena, "%s/initdb", bindir), X_OK) != 0)
        return 0;
    struct str rest = output_of(arena, postgres, "--version");
    int64_t major;
    (void)str_cut(&rest, ')');
    rest = str_trim(rest);
    size_t digits = 0;
    while (digits < rest.len && rest.data[digits] >= '0' && rest.data[digits] <= '9')
        digits++;
    return str_int64((struct str){rest.data, digits}, 1, 1000, &major) ? (int)major : 0;
}

int pg_install_find(struct arena *arena, int major, struct pg_install *out, struct err *err)
{
    path_vec dirs = {0};
    struct pg_install best = {0};
    struct str configured = output_of(arena, "pg_config", "--bindir");
    if (configured.len)
        *vec_push(arena, &dirs) = arena_strndup(arena, configured.data, configured.len);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        glob_t found;
        if (glob(places[i], 0, NULL, &found) != 0)
            continue;
        for (size_t j = 0; j < found.gl_pathc; j++)
            *vec_push(arena, &dirs) = arena_strdup(arena, found.gl_pathv[j]);
        globfree(&found);
    }
    vec_each(dir, &dirs)
    {
        int found = major_of(arena, *dir);
        if (!found || (major && found != major))
            continue;
        if (found > best.major)
            best = (struct pg_install){*dir, found};
        /* What pg_config names is what the machine's owner chose. */
        if (configured.len && dir == dirs.items)
            break;
    }
    if (!best.major && major) {
        (void)err_set(err, ERR_IO, "no PostgreSQL %d server is installed", major);
        return err_hint(err, "on Debian: apt-get install postgresql-%d", major);
    }
    if (!best.major) {
        (void)err_set(err, ERR_IO, "no PostgreSQL server is installed");
        return err_hint(err, "on Debian: apt-get install postgresql");
    }
    *out = best;
    return 0;
}
