#include "ingest/transform.h"

#include "base/file.h"
#include "ingest/archive.h"
#include "ingest/canned.h"
#include "ingest/merge_kit.h"
#include "ingest/output.h"
#include "model/cause.h"
#include "pg/cluster.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Transformers in SQL and Python, on a real database. */

static struct merge_kit kit;
static struct workspace workspace;
static const char *cause;
static int64_t seen_fence;
static char platform[32];

static void setup(void)
{
    merge_kit_init(&kit, false);
    /* roles belong to the whole cluster, where tests run beside each other */
    (void)snprintf(platform, sizeof platform, "p%d", getpid());
    source_kit_dataset(&kit.source, "people", NULL, NULL, "id int32 key, city varchar(20) null");
    kit.source.work.platform = platform;
    kit.source.work.kind = JOB_TRANSFORMER;
    kit.source.work.name = "mask";
    kit.source.work.workspace = &workspace;
    workspace = (struct workspace){
        .name = "marketing", .transformer = {.present = true, .name = "mask", .code = CODE_SQL, .file = "mask.sql"}};
    const char *ecosystem = kit.source.work.ecosystem;
    source_kit_sql(&kit.source,
                   arena_printf(kit.source.arena,
                                "create schema %s__%s__marketing; create table secret (id int);"
                                "create view %s__%s__marketing.current__customers__people as select g as id, "
                                "'city ' || g as city from generate_series(1, 3) g;"
                                "create role %s__%s__marketing__reader nologin;"
                                "grant usage on schema %s__%s__marketing to %s__%s__marketing__reader;"
                                "grant select on all tables in schema %s__%s__marketing to %s__%s__marketing__reader",
                                ecosystem, platform, ecosystem, platform, ecosystem, platform, ecosystem, platform,
                                ecosystem, platform, ecosystem, platform, ecosystem, platform));
}

static void teardown(void)
{
    merge_kit_dispose(&kit);
}

TestSuite(transform, .init = setup, .fini = teardown);

static int connect_again(void *ctx, struct pg **out, struct err *err)
{
    (void)err;
    *out = test_connect(ctx);
    return 0;
}

static int run(const char *sql, const struct server *server)
{
    const struct transform_options options = {.server = server,
                                              .connect = connect_again,
                                              .ctx = (void *)(uintptr_t)kit.source.url,
                                              .seen_fence = &seen_fence};
    kit.source.work.sql = str_from(sql);
    kit.source.err = (struct err){0};
    return transform_run(kit.source.arena, &kit.source.work, kit.source.pg, &options, &kit.source.progress, &cause,
                         &kit.source.err);
}

static const char *output(void)
{
    return merge_kit_query(&kit, arena_printf(kit.source.arena, "select * from %s__%s__mask__output.people order by 1",
                                              kit.source.work.ecosystem, platform));
}

Test(transform, sql_reads_views_and_its_output_takes_the_place_of_the_last)
{
    cr_assert_eq(run("insert into people select id, city from current__customers__people; -- a comment\n"
                     "update people set city = 'none' where id = 2;",
                     NULL),
                 0, "%s", kit.source.err.text);
    cr_expect_str_eq(output(), "1|city 1\n2|none\n3|city 3");
    cr_assert_eq(run("insert into people values (7, 'seven')", NULL), 0, "%s", kit.source.err.text);
    cr_expect_str_eq(output(), "7|seven");
}

Test(transform, its_own_output_is_without_rows_before_there_is_any)
{
    const struct view own = {
        .platform = platform, .workspace = "marketing", .group = "own", .store = "customers", .dataset = "people"};
    struct work_view view = work_view_make(kit.source.arena, kit.source.work.ecosystem, &own, 0);
    kit.source.work.views = &view;
    kit.source.work.view_count = 1;
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(run("insert into people select count(*), 'rows' from own__customers__people", NULL), 0, "%s",
                     kit.source.err.text);
        cr_expect_str_eq(output(), "0|rows");
    }
    cr_expect_str_eq(merge_kit_run(&kit, true, "1|a"), "1/1/0/0/0 compare");
    cr_assert_eq(run("insert into people select count(*), 'rows' from own__customers__people", NULL), 0, "%s",
                 kit.source.err.text);
    cr_expect_str_eq(output(), "1|rows");
}

Test(transform, what_fails_leaves_the_last_output_in_force)
{
    cr_assert_eq(run("insert into people values (1, 'one')", NULL), 0, "%s", kit.source.err.text);
    cr_expect_lt(run("insert into people values (2, 'two');\nselect nothing", NULL), 0);
    cr_expect_str_eq(cause, "transform-failed");
    cr_expect_not_null(strstr(kit.source.err.text, "mask.sql: line 2: "), "%s", kit.source.err.text);
    cr_expect_lt(run("insert into people values (null, 'two')", NULL), 0);
    cr_expect_lt(run(NULL, NULL), 0);
    cr_expect_str_eq(cause, "configuration");
    cr_expect_str_eq(output(), "1|one");
}

Test(transform, sql_reads_nothing_but_views_and_writes_nothing_but_its_output)
{
    static const char *const bad[] = {"select * from public.secret", "select * from yellow.streams",
                                      "create table public.mine (id int)", "delete from current__customers__people"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_lt(run(bad[i], NULL), 0, "%s", bad[i]);
        cr_expect_str_eq(cause, "transform-failed");
    }
}

Test(transform, sql_that_wants_to_talk_to_a_client_is_the_transformers_fault)
{
    cr_expect_lt(run("copy people from stdin", NULL), 0);
    cr_expect_str_eq(cause, "transform-failed");
    cr_expect_str_eq(kit.source.err.text, "mask.sql: database: a COPY FROM STDIN, and no client at its other end");
    cr_expect_lt(run("copy people to stdout", NULL), 0);
    cr_expect_str_eq(cause, "transform-failed");
}

Test(transform, a_script_that_ends_its_transaction_is_refused)
{
    cr_assert_eq(run("insert into people values (1, 'one')", NULL), 0);
    cr_expect_lt(run("insert into people values (2, 'two'); commit; begin", NULL), 0);
    cr_expect_str_eq(cause, "transform-failed");
    cr_expect_str_eq(kit.source.err.text, "mask.sql: it ends the transaction that it runs in");
    cr_expect_str_eq(output(), "1|one");
}

Test(transform, sql_leaves_nothing_in_the_session_that_goes_on)
{
    const char *role = arena_printf(kit.source.arena, "%s__%s__mask__output", kit.source.work.ecosystem, platform);
    const char *const hostile[] = {"set role NAME",
                                   "set session authorization NAME",
                                   "set search_path = pg_temp, public",
                                   "set statement_timeout = 1",
                                   "set default_transaction_read_only = on",
                                   "set session_replication_role = replica",
                                   "create temp table people (x int); create temp table streams (x int)",
                                   "listen yellow",
                                   "lock table people",
                                   "select pg_advisory_lock(1497713740, 0), pg_advisory_lock(1497713741, 1)",
                                   "deallocate all",
                                   "prepare yellow_1 as select 1",
                                   "declare c cursor with hold for select 1",
                                   "set timezone = 'Asia/Tokyo'",
                                   "set constraints all deferred",
                                   "reset all; reset role"};
    const char *const refused[] = {"commit", "rollback", "discard all", "rollback; begin", "prepare transaction 'x'"};
    const char *const asks =
                          "select current_user = session_user and current_setting('search_path') like '%public%' and "
                          "current_setting('statement_timeout') = '0' and "
                          "current_setting('default_transaction_read_only') = 'off' and "
                          "current_setting('timezone') = 'UTC', (select count(*) from pg_prepared_statements where "
                          "name = 'yellow_1'), (select count(*) from pg_cursors where is_holdable), to_regclass("
                          "'pg_temp.people') is null",
                      /* waits for a backend that is just ending */
        *const locks = "select pg_advisory_xact_lock(1497713740, 0)::text || pg_advisory_xact_lock(1497713741, 1)";
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct buf *sql = buf_new(kit.source.arena);
        const char *hole = strstr(hostile[i], "NAME");
        buf_addf(sql, "insert into people values (%zu, 'x'); %.*s%s%s", i,
                 (int)(hole ? hole - hostile[i] : (long)strlen(hostile[i])), hostile[i], hole ? role : "",
                 hole ? hole + 4 : "");
        int rc = run(buf_text(sql), NULL);
        cr_expect(rc == 0 || strcmp(cause, "transform-failed") == 0, "%s: %s", hostile[i], kit.source.err.text);
        if (rc == 0)
            cr_expect_str_eq(output(), arena_printf(kit.source.arena, "%zu|x", i), "%s", hostile[i]);
        cr_expect_str_eq(merge_kit_query(&kit, asks), "t|0|0|t", "%s", hostile[i]);
        (void)merge_kit_query(&kit, locks);
    }
    cr_assert_eq(run("insert into people values (1, 'one')", NULL), 0, "%s", kit.source.err.text);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        cr_expect_lt(run(arena_printf(kit.source.arena, "insert into people values (2, 'two'); %s", refused[i]), NULL),
                     0, "%s", refused[i]);
        cr_expect_str_eq(cause, "transform-failed", "%s", refused[i]);
        cr_expect_str_eq(output(), "1|one", "%s", refused[i]);
        cr_expect_str_eq(merge_kit_query(&kit, asks), "t|0|0|t", "%s", refused[i]);
    }
}

static const char *schemas(void)
{
    return merge_kit_query(&kit, "select nspname from pg_namespace where nspname like '%\\_\\_mask\\_\\_next%'");
}

/* A run whose job was paused after it began; its fence is that of the kit. */
static struct work older;
static struct output begin_older(void)
{
    bool lost = false;
    kit.source.work.fence = 5;
    older = kit.source.work;
    struct output output = output_of(kit.source.arena, &older, test_connect(kit.source.url));
    cr_assert_eq(output_begin(&output, &lost, &kit.source.err), 0, "%s", kit.source.err.text);
    kit.source.work.fence = 6;
    return output;
}

Test(transform, an_older_run_neither_writes_into_a_newer_output_nor_publishes_its_own)
{
    struct err err = {0};
    bool lost = false;
    struct output output_5 = begin_older();
    struct pg *child = test_connect(kit.source.url);
    const char *insert = arena_printf(kit.source.arena, "insert into %s.people values (5, 'older')", output_5.next);
    cr_assert_eq(pg_script(child, insert, &err), 0, "%s", err.text);
    cr_assert_eq(run("insert into people values (6, 'newer')", NULL), 0, "%s", kit.source.err.text);
    cr_expect_lt(pg_script(child, insert, &err), 0, "its tables are gone");
    cr_expect_eq(output_publish(&output_5, &lost, &err), -ERR_CONFLICT);
    cr_expect(lost);
    cr_expect_eq(output_5.seen_fence, 6);
    cr_expect_str_eq(err.text, "transformer \"mask\": a newer run has it");
    cr_expect_str_eq(output(), "6|newer");
    cr_expect_str_eq(schemas(), "");
    kit.source.work.fence = 5;
    cr_expect_eq(run("insert into people values (5, 'older')", NULL), -ERR_CONFLICT);
    cr_expect_str_eq(cause, cause_lost);
    cr_expect_str_eq(output(), "6|newer");
    pg_close(child);
    pg_close(output_5.pg);
}

Test(transform, an_older_run_that_stopped_with_its_tables_open_is_ended)
{
    struct err err = {0};
    struct output output_5 = begin_older();
    struct pg *child = test_connect(kit.source.url);
    cr_assert_eq(
        pg_script(child,
                  arena_printf(kit.source.arena, "begin; insert into %s.people values (5, 'older')", output_5.next),
                  &err),
        0, "%s", err.text);
    cr_assert_eq(run("insert into people values (6, 'newer')", NULL), 0, "%s", kit.source.err.text);
    cr_expect_lt(pg_script(child, "commit", &err), 0);
    cr_expect_str_eq(output(), "6|newer");
    pg_close(child);
    pg_close(output_5.pg);
}

Test(transform, an_older_run_that_stopped_while_it_published_is_ended)
{
    struct err err = {0};
    bool lost = false;
    struct output output_5 = begin_older();
    cr_assert_eq(output_publish(&output_5, &lost, &err), 0, "%s", err.text);
    cr_assert_eq(run("insert into people values (6, 'newer')", NULL), 0, "%s", kit.source.err.text);
    cr_expect_lt(pg_commit(output_5.pg, &err), 0);
    cr_expect_str_eq(output(), "6|newer");
    cr_expect_str_eq(schemas(), "");
    pg_close(output_5.pg);
}

/* It ingests the last output, whose tables the newer one drops. */
Test(transform, an_older_run_that_stopped_while_it_read_the_last_output_is_ended)
{
    struct capturing *older = NULL;
    cr_assert_eq(run("insert into people values (5, 'older')", NULL), 0, "%s", kit.source.err.text);
    source_kit_batch(&kit.source, NULL);
    cr_assert_eq(capture_output.begin(&kit.source.ingest, &older, &kit.source.err), 0, "%s", kit.source.err.text);
    cr_assert_eq(run("insert into people values (6, 'newer')", NULL), 0, "%s", kit.source.err.text);
    cr_expect_str_eq(output(), "6|newer");
    cr_expect_null(source_kit_rows(&kit.source, older, 0, false));
    cr_expect_eq(kit.source.err.code, ERR_UNAVAILABLE, "%s", kit.source.err.text);
    capture_output.end(older);
}

static struct str file_of(const char *path)
{
    struct str data;
    cr_assert_eq(file_read(kit.source.arena, path, 1 << 20, &data, &kit.source.err), 0);
    return data;
}

/* What tar makes of a folder with one file. */
static struct str archive_of(const char *name, const char *text, const char *more)
{
    char folder[] = "/tmp/yellow-tar-XXXXXX";
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(
        file_write(arena_printf(kit.source.arena, "%s/%s", folder, name), str_from(text), 0600, &kit.source.err), 0);
    cr_assert_eq(system(arena_printf(kit.source.arena, "cd %s && %s tar --format=ustar -cf ../%s.tar -P *", folder,
                                     more, folder + 5)),
                 0);
    struct str data = file_of(arena_printf(kit.source.arena, "%s.tar", folder));
    (void)unlink(arena_printf(kit.source.arena, "%s.tar", folder));
    (void)file_remove_tree(folder, ERR_IGNORED);
    return data;
}

/* One answer with bytes that are no text, to one request. */
static void *give(void *ctx)
{
    const struct str *answer = ((void **)ctx)[1];
    int listener = *(int *)((void **)ctx)[0], client = accept(listener, NULL, NULL);
    char request[4096];
    (void)!read(client, request, sizeof request);
    for (size_t at = 0; at < answer->len;) {
        ssize_t n = write(client, answer->data + at, answer->len - at);
        if (n <= 0)
            break;
        at += (size_t)n;
    }
    close(client);
    return NULL;
}

/* Runs Python that the server gives; the cluster lets its own user in by name. */
static int run_python(const char *text)
{
    struct str tar = archive_of("main.py", text, "true;");
    struct buf *bytes = buf_new(kit.source.arena);
    buf_addf(bytes, "HTTP/1.1 200 OK\r\nContent-Type: application/x-tar\r\nContent-Length: %zu\r\n\r\n", tar.len);
    buf_add_str(bytes, tar);
    struct str answer = buf_str(bytes);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    cr_assert_eq(bind(listener, (struct sockaddr *)&address, size), 0);
    cr_assert_eq(listen(listener, 1), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    void *ctx[] = {&listener, &answer};
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, give, ctx), 0);
    struct server server = {arena_printf(kit.source.arena, "http://127.0.0.1:%d", ntohs(address.sin_port)), NULL};
    setenv("PATH", "/usr/bin:/bin", 1);
    workspace.transformer.code = CODE_PYTHON;
    workspace.transformer.entry = "main.py";
    int rc = run("", &server);
    pthread_join(thread, NULL);
    close(listener);
    return rc;
}

Test(transform, an_archive_with_links_or_paths_that_lead_elsewhere_is_refused)
{
    char folder[] = "/tmp/yellow-out-XXXXXX";
    cr_assert_not_null(mkdtemp(folder));
    struct arena *arena = kit.source.arena;
    struct err *err = &kit.source.err;
    cr_assert_eq(archive_unpack(arena, archive_of("a.py", "x = 1\n", "mkdir d; cp a.py d/b.py; true;"), folder, err),
                 -ERR_INVALID);
    cr_expect_str_eq(err->text, "the archive's d/ is not a regular file");
    cr_assert_eq(archive_unpack(arena, archive_of("a.py", "x = 1\n", "true;"), folder, err), 0, "%s", err->text);
    cr_expect_str_eq(file_of(arena_printf(arena, "%s/a.py", folder)).data, "x = 1\n");
    cr_assert_eq(archive_unpack(arena, archive_of("a.py", "x", "ln -s /etc/passwd b;"), folder, err), -ERR_INVALID);
    cr_expect_str_eq(err->text, "the archive's b is not a regular file");
    struct str tar = archive_of("a.py", "x", "true;");
    ((char *)tar.data)[0] = 'b';
    cr_assert_eq(archive_unpack(arena, tar, folder, err), -ERR_INVALID);
    cr_expect_str_eq(err->text, "the archive is damaged at byte 0");
    (void)file_remove_tree(folder, ERR_IGNORED);
}

Test(transform, python_reads_views_and_its_output_takes_the_place_of_the_last)
{
    cr_assert_eq(run_python("import os, psycopg2\n"
                            "assert 'YELLOW_TOKEN_FILE' not in os.environ\n"
                            "with psycopg2.connect('') as db, db.cursor() as sql:\n"
                            "    sql.execute('insert into people select id, upper(city) from "
                            "current__customers__people')\n"
                            "print('done')\n"),
                 0, "%s", kit.source.err.text);
    cr_expect_str_eq(output(), "1|CITY 1\n2|CITY 2\n3|CITY 3");
}

Test(transform, what_a_role_or_a_database_sets_changes_nothing_for_a_program)
{
    static const char *const set[] = {"timezone = 'Asia/Tokyo'",
                                      "datestyle = 'SQL, DMY'",
                                      "intervalstyle = 'sql_standard'",
                                      "statement_timeout = 1",
                                      "default_transaction_read_only = on",
                                      "default_transaction_isolation = 'serializable'",
                                      "transform_null_equals = on",
                                      "search_path = nowhere"};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        source_kit_sql(&kit.source,
                       arena_printf(kit.source.arena, "alter database %s set %s", PQdb(pg_raw(kit.source.pg)), set[i]));
    cr_assert_eq(run_python("import psycopg2\n"
                            "with psycopg2.connect('') as db, db.cursor() as sql:\n"
                            "    sql.execute(\"insert into people values (1, ('2024-03-01 12:00:00+00'::timestamptz)"
                            "::timestamp::text), (2, (date '2024-02-01')::text), (3, (interval '1 day 2:3')::text)\")\n"
                            "    sql.execute(\"insert into people select 3 + row_number() over (order by name), "
                            "setting from pg_settings where name in ('statement_timeout', 'transform_null_equals', "
                            "'default_transaction_isolation', 'extra_float_digits')\")\n"),
                 0, "%s", kit.source.err.text);
    cr_expect_str_eq(output(),
                     "1|2024-03-01 12:00:00\n2|2024-02-01\n3|1 day 02:03:00\n4|read committed\n5|3\n6|0\n7|off");
}

Test(transform, python_that_fails_leaves_the_last_output_in_force_and_says_why)
{
    cr_assert_eq(run("insert into people values (1, 'one')", NULL), 0, "%s", kit.source.err.text);
    cr_expect_lt(run_python("import psycopg2, sys\n"
                            "with psycopg2.connect('') as db, db.cursor() as sql:\n"
                            "    sql.execute(\"insert into people values (2, 'two')\")\n"
                            "sys.exit('no more paper')\n"),
                 0);
    cr_expect_str_eq(cause, "transform-failed");
    cr_expect_str_eq(kit.source.err.text, "transformer mask ended with exit code 1: no more paper");
    cr_expect_lt(run_python("raise MemoryError\n"), 0);
    cr_expect_str_eq(cause, "out-of-memory");
    cr_expect_lt(run_python("import psycopg2\npsycopg2.connect('').cursor().execute('select * from public.secret')\n"),
                 0);
    cr_expect_str_eq(output(), "1|one");
}

/* Stops the job as soon as somebody has opened the fifo and written to it. */
static void *stop_when_told(void *ctx)
{
    char byte;
    int fd = open(ctx, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && read(fd, &byte, 1) < 0 && errno == EINTR) {
    }
    progress_stop(&kit.source.progress, "SIGTERM");
    (void)close(fd);
    return NULL;
}

/* A folder of the test's own for what transformers leave on the disk, with a fifo beside it. */
static const char *make_place(const char **fifo)
{
    const char *place = arena_strdup(kit.source.arena, "/tmp/yellow-stop-XXXXXX");
    cr_assert_not_null(mkdtemp((char *)(uintptr_t)place));
    *fifo = arena_printf(kit.source.arena, "%s/fifo", place);
    cr_assert_eq(mkfifo(*fifo, 0600), 0);
    const char *temporary = arena_printf(kit.source.arena, "%s/tmp", place);
    cr_assert_eq(mkdir(temporary, 0700), 0);
    setenv("TMPDIR", temporary, 1);
    return place;
}

Test(transform, a_program_that_is_stopped_leaves_neither_processes_nor_the_credential_on_the_disk)
{
    const char *fifo, *place = make_place(&fifo);
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, stop_when_told, (void *)(uintptr_t)fifo), 0);
    cr_expect_lt(run_python(arena_printf(kit.source.arena,
                                         "import subprocess, time\n"
                                         "left = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
                                         "open('%s/pid', 'w').write(str(left.pid))\n"
                                         "open('%s', 'w').write('!')\n"
                                         "time.sleep(600)\n",
                                         place, fifo)),
                 0);
    pthread_join(thread, NULL);
    cr_expect_str_eq(cause, cause_cancelled);
    cr_expect_eq(rmdir(getenv("TMPDIR")), 0, "%s", strerror(errno));
    pid_t left = (pid_t)strtol(file_of(arena_printf(kit.source.arena, "%s/pid", place)).data, NULL, 10);
    cr_expect(left > 1 && kill(left, 0) == -1 && errno == ESRCH, "%d is still there", (int)left);
    (void)file_remove_tree(place, ERR_IGNORED);
}

Test(transform, a_container_that_is_stopped_is_removed)
{
    static const char *command[] = {"true"};
    const char *fifo, *place = make_place(&fifo), *engine = arena_printf(kit.source.arena, "%s/podman", place);
    pthread_t thread;
    cr_assert_eq(file_write(engine,
                            str_from(arena_printf(kit.source.arena,
                                                  "#!/bin/sh\necho \"$@\" >>%s/log\n[ $1 != run ] && exit\n"
                                                  "echo ! >%s\nexec sleep 600\n",
                                                  place, fifo)),
                            0700, &kit.source.err),
                 0);
    setenv("PATH", arena_printf(kit.source.arena, "%s:/usr/bin:/bin", place), 1);
    workspace.transformer.code = CODE_CONTAINER;
    workspace.transformer.image = "registry.example.net/mask:1";
    workspace.transformer.command = (struct texts){command, 1};
    cr_assert_eq(pthread_create(&thread, NULL, stop_when_told, (void *)(uintptr_t)fifo), 0);
    cr_expect_lt(run("", NULL), 0);
    pthread_join(thread, NULL);
    cr_expect_str_eq(cause, cause_cancelled);
    struct str log = file_of(arena_printf(kit.source.arena, "%s/log", place)), first = str_cut(&log, '\n');
    const char *name = strstr(arena_strndup(kit.source.arena, first.data, first.len), "--name yellow-transform-");
    cr_assert_not_null(name);
    cr_expect_str_eq(arena_strndup(kit.source.arena, log.data, log.len),
                     arena_printf(kit.source.arena, "rm --force %.*s\n", (int)strlen("yellow-transform-XXXXXX"),
                                  name + strlen("--name ")));
    (void)file_remove_tree(place, ERR_IGNORED);
}

Test(transform, code_that_the_server_does_not_give_is_configuration)
{
    const char *const answers[] = {
        canned_json(kit.source.arena, 404, "{\"code\": \"not-found\", \"detail\": \"no such branch\"}"), NULL};
    struct canned *canned = canned_start(kit.source.arena, answers);
    struct server server = {canned_url(canned), NULL};
    workspace.transformer.code = CODE_PYTHON;
    workspace.transformer.entry = "main.py";
    cr_expect_lt(run("", &server), 0);
    cr_expect_str_eq(cause, "configuration");
    cr_expect_str_eq(kit.source.err.text, "the code of transformer mask: no such branch");
    (void)canned_stop(canned);
}

Test(transform, a_container_without_an_engine_is_configuration_and_in_a_pod_its_command_runs)
{
    static const char *command[] = {"/bin/sh", "-c", "echo to nobody >&2; exit 3"};
    workspace.transformer.code = CODE_CONTAINER;
    workspace.transformer.image = "registry.example.net/mask:1";
    workspace.transformer.command = (struct texts){command, 3};
    setenv("PATH", "/nowhere", 1);
    cr_expect_lt(run("", NULL), 0);
    cr_expect_str_eq(cause, "configuration");
    cr_expect_str_eq(kit.source.err.text,
                     "transformer mask runs in a container, and this machine has no podman or docker");
    setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1", 1);
    cr_expect_lt(run("", NULL), 0);
    cr_expect_str_eq(cause, "transform-failed");
    cr_expect_str_eq(kit.source.err.text, "transformer mask ended with exit code 3: to nobody");
}
