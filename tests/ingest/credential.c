#include "ingest/credential.h"

#include "base/buf.h"
#include "base/file.h"
#include "pg/pg.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena *arena;
static struct err err;
static char folder[] = "/tmp/yellow-credentials-XXXXXX";

static void setup(void)
{
    arena = arena_new();
    err = (struct err){0};
    cr_assert(ne(ptr, mkdtemp(folder), NULL));
    cr_assert(eq(int, unsetenv("YELLOW_CREDENTIALS"), 0));
}

static void teardown(void)
{
    (void)file_remove_tree(folder, &err);
    arena_free(arena);
}

TestSuite(credential, .init = setup, .fini = teardown);

static const char *bound[] = {"crm-db"};
static const struct credential reader = {
    .name = "crm-reader", .type = CREDENTIAL_USER_PASSWORD, .containers = {bound, 1}};
static const struct container crm = {
    .name = "crm-db", .type = CONTAINER_POSTGRES, .host = "crm.example.net", .port = 5433, .database = "it's a \\db"};

static void put(const char *key, const char *value)
{
    const char *dir = arena_printf(arena, "%s/crm-reader", folder);
    cr_assert(eq(int, file_make_dirs(dir, 0700, &err), 0));
    cr_assert(eq(int, file_write(arena_printf(arena, "%s/%s", dir, key), str_from(value), 0600, &err), 0));
}

Test(credential, a_mounted_file_comes_first_and_loses_one_line_end)
{
    const char *value = NULL;
    setenv("YELLOW_CREDENTIALS", folder, 1);
    setenv("YELLOW_CREDENTIAL_CRM_READER_PASSWORD", "of the environment", 1);
    cr_assert(eq(int, credential_value(arena, &reader, &crm, "password", &value, &err), 0));
    cr_expect(eq(str, (char *)value, "of the environment"));
    put("password", " of the file \n");
    cr_assert(eq(int, credential_value(arena, &reader, &crm, "password", &value, &err), 0));
    cr_expect(eq(str, (char *)value, " of the file "));
}

Test(credential, what_is_no_file_of_a_value_is_named)
{
    const char *value = NULL, *dir = arena_printf(arena, "%s/crm-reader/password", folder);
    setenv("YELLOW_CREDENTIALS", folder, 1);
    cr_assert(eq(int, file_make_dirs(dir, 0700, &err), 0));
    cr_expect(eq(int, credential_value(arena, &reader, &crm, "password", &value, &err), -ERR_INVALID));
    cr_expect(eq(str, err.text, arena_printf(arena, "credential crm-reader: cannot read %s: not a regular file", dir)));
}

Test(credential, one_without_a_value_says_where_to_put_it)
{
    const char *value = NULL;
    cr_expect(eq(int, credential_value(arena, &reader, &crm, "password", &value, &err), -ERR_NOT_FOUND));
    cr_expect(eq(str, err.text, "credential crm-reader has no value for password"));
    cr_expect(eq(str, err.hint,
                 "put it into a file crm-reader/password of the folder that YELLOW_CREDENTIALS names, or into the "
                 "variable YELLOW_CREDENTIAL_CRM_READER_PASSWORD"));
}

Test(credential, parameters_of_libpq_hold_any_value_as_it_is)
{
    const char *conninfo = NULL;
    setenv("YELLOW_CREDENTIALS", folder, 1);
    put("username", "ann");
    put("password", "a'b\\c host=evil");
    cr_assert(eq(int, credential_conninfo(arena, &crm, &reader, "yellow", &conninfo, &err), 0), "%s", err.text);
    cr_expect(eq(str, (char *)conninfo,
                 "host='crm.example.net' port='5433' dbname='it\\'s a \\\\db' user='ann' "
                 "password='a\\'b\\\\c host=evil' hostaddr='' application_name='yellow'"));
}

Test(credential, no_value_is_read_for_a_container_that_the_credential_does_not_name)
{
    const char *value = NULL, *conninfo = NULL;
    struct container other = crm;
    other.name = "crm-db2";
    setenv("YELLOW_CREDENTIAL_CRM_READER_USERNAME", "ann", 1);
    setenv("YELLOW_CREDENTIAL_CRM_READER_PASSWORD", "secret", 1);
    cr_expect(eq(int, credential_value(arena, &reader, &other, "password", &value, &err), -ERR_FORBIDDEN));
    cr_expect(eq(ptr, (void *)value, NULL));
    cr_expect(eq(str, err.text, "credential crm-reader is not bound to container crm-db2"));
    cr_expect(eq(str, err.hint, "if it is to be sent there, its owner adds crm-db2 to its `containers`"));
    cr_expect(eq(int, credential_conninfo(arena, &other, &reader, "yellow", &conninfo, &err), -ERR_FORBIDDEN));
    cr_expect(eq(ptr, (void *)conninfo, NULL));
    struct credential nowhere = reader;
    nowhere.containers.len = 0;
    cr_expect(eq(int, credential_conninfo(arena, &crm, &nowhere, "yellow", &conninfo, &err), -ERR_FORBIDDEN));
}

Test(credential, a_connection_is_secured_as_its_container_says)
{
    static const struct {
        const char *mode, *said;
    } cases[] = {{NULL, ""},
                 {"prefer", " sslmode='prefer'"},
                 {"require", " sslmode='require' channel_binding='require'"},
                 {"verify-ca", " sslmode='verify-ca'"},
                 {"verify-full", " sslmode='verify-full' sslrootcert='FOLDER/crm-reader/ca.crt'"}};
    setenv("YELLOW_CREDENTIALS", folder, 1);
    put("username", "ann");
    put("password", "secret");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *conninfo = NULL, *hole = strstr(cases[i].said, "FOLDER");
        struct container container = crm;
        struct buf *said = buf_new(arena);
        container.database = "crm";
        container.sslmode = cases[i].mode;
        if (hole)
            put("ca.crt", "certificates");
        cr_assert(eq(int, credential_conninfo(arena, &container, &reader, "y", &conninfo, &err), 0), "%s", err.text);
        buf_adds(said, "host='crm.example.net' port='5433' dbname='crm' user='ann' password='secret'");
        buf_add(said, cases[i].said, hole ? (size_t)(hole - cases[i].said) : strlen(cases[i].said));
        if (hole)
            buf_addf(said, "%s%s", folder, hole + 6);
        buf_adds(said, " hostaddr=''");
        /* A libpq from 16 on says more. */
        cr_expect(eq(int, strncmp(conninfo, buf_text(said), said->len), 0), "%s", conninfo);
    }
}

/* A server without encryption that asks for the password in clear text, and what it was told, over one connection. */
static int ask_in_clear_text(int listener, int told)
{
    char seen[4096];
    int fd = accept(listener, NULL, NULL);
    for (ssize_t n; (n = read(fd, seen, sizeof seen)) > 0;) {
        (void)!write(told, seen, (size_t)n);
        if (n == 8) /* SSLRequest, GSSENCRequest */
            (void)!write(fd, "N", 1);
        else
            (void)!write(fd, "R\0\0\0\10\0\0\0\3", 9);
    }
    return 0;
}

Test(credential, a_server_that_nothing_has_proved_gets_no_password_in_clear_text)
{
    static const char *const modes[] = {"require", "verify-full"};
    setenv("YELLOW_CREDENTIAL_CRM_READER_USERNAME", "ann", 1);
    setenv("YELLOW_CREDENTIAL_CRM_READER_PASSWORD", "very-secret", 1);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        socklen_t size = sizeof at;
        int listener = socket(AF_INET, SOCK_STREAM, 0), pipes[2];
        cr_assert(eq(int, bind(listener, (struct sockaddr *)&at, sizeof at), 0));
        cr_assert(eq(int, listen(listener, 4), 0));
        cr_assert(eq(int, getsockname(listener, (struct sockaddr *)&at, &size), 0));
        cr_assert(eq(int, pipe(pipes), 0));
        pid_t server = fork();
        if (server == 0)
            _exit(ask_in_clear_text(listener, pipes[1]));
        (void)close(pipes[1]);
        struct container container = crm;
        struct pg *pg = NULL;
        const char *conninfo = NULL;
        container.host = "127.0.0.1";
        container.port = ntohs(at.sin_port);
        container.database = "crm";
        container.sslmode = modes[i];
        cr_assert(eq(int, credential_conninfo(arena, &container, &reader, "y", &conninfo, &err), 0), "%s", err.text);
        cr_expect(ne(int, pg_connect(conninfo, 5000, &pg, &err), 0));
        (void)kill(server, SIGKILL);
        (void)waitpid(server, NULL, 0);
        char told[8192] = "";
        ssize_t n = 0, more;
        while ((more = read(pipes[0], told + n, sizeof told - (size_t)n)) > 0)
            n += more;
        cr_expect(eq(ptr, memmem(told, (size_t)n, "very-secret", 11), NULL));
        (void)close(pipes[0]);
        (void)close(listener);
    }
}

Test(credential, a_container_and_a_credential_of_other_kinds_are_named)
{
    const char *conninfo = NULL;
    const struct container s3 = {.name = "files", .type = CONTAINER_S3};
    const struct credential token = {.name = "rates-token", .type = CREDENTIAL_TOKEN};
    cr_expect(eq(int, credential_conninfo(arena, &s3, &reader, "yellow", &conninfo, &err), -ERR_INVALID));
    cr_expect(eq(str, err.text, "configuration: container files is no PostgreSQL"));
    cr_expect(eq(int, credential_conninfo(arena, &crm, &token, "yellow", &conninfo, &err), -ERR_INVALID));
    cr_expect(
        eq(str, err.text, "configuration: credential rates-token is no user-password, which container crm-db needs"));
}
