#include "ingest/credential.h"

#include "base/file.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
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

static const struct credential reader = {.name = "crm-reader", .type = CREDENTIAL_USER_PASSWORD};
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
    cr_assert(eq(int, credential_value(arena, &reader, "password", &value, &err), 0));
    cr_expect(eq(str, (char *)value, "of the environment"));
    put("password", " of the file \n");
    cr_assert(eq(int, credential_value(arena, &reader, "password", &value, &err), 0));
    cr_expect(eq(str, (char *)value, " of the file "));
}

Test(credential, one_without_a_value_says_where_to_put_it)
{
    const char *value = NULL;
    cr_expect(eq(int, credential_value(arena, &reader, "password", &value, &err), -ERR_NOT_FOUND));
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
                 "password='a\\'b\\\\c host=evil' application_name='yellow'"));
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
