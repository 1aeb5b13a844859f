#include "control/secret.h"

#include "base/file.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct arena *arena;
static struct err err;
static char folder[] = "/tmp/yellow-secret-XXXXXX";

static void setup(void)
{
    arena = arena_new();
    err = (struct err){0};
    cr_assert(mkdtemp(folder));
}

static void teardown(void)
{
    cr_assert_eq(file_remove_tree(folder, ERR_IGNORED), 0);
    arena_free(arena);
}

TestSuite(secret, .init = setup, .fini = teardown);

static int from_env(const char *value, struct str *out)
{
    if (value)
        setenv("THE_SECRET", value, 1);
    else
        unsetenv("THE_SECRET");
    return secret_read(arena, json_own(arena, json_pack("{s:s}", "env", "THE_SECRET")), out, &err);
}

static int from_file(const char *value, struct str *out)
{
    const char *path = arena_printf(arena, "%s/secret", folder);
    cr_assert_eq(file_write(path, str_from(value), 0600, &err), 0);
    return secret_read(arena, json_own(arena, json_pack("{s:s}", "file", path)), out, &err);
}

Test(secret, comes_from_a_variable_or_a_file_without_its_newline)
{
    struct str value;
    cr_assert_eq(from_env("sixteen bytes ok", &value), 0, "%s", err.text);
    cr_assert(str_eqz(value, "sixteen bytes ok"));
    cr_assert_eq(from_file("sixteen bytes ok\n", &value), 0, "%s", err.text);
    cr_assert(str_eqz(value, "sixteen bytes ok"));
    cr_assert_eq(from_file("rotated meanwhile\r\n", &value), 0, "%s", err.text);
    cr_assert(str_eqz(value, "rotated meanwhile"));
}

Test(secret, a_short_or_absent_one_is_refused_without_telling_it)
{
    struct str value;
    cr_assert_eq(from_env("fifteen bytes ..", &value), 0);
    cr_assert_eq(from_env("only 15 bytes..", &value), -ERR_INVALID);
    cr_assert_str_eq(err.text, "environment variable THE_SECRET holds fewer than 16 bytes");
    cr_assert_str_eq(err.hint, "make one with: openssl rand -hex 32");
    cr_assert_eq(from_env("", &value), -ERR_INVALID);
    cr_assert_eq(from_env(NULL, &value), -ERR_INVALID);
    cr_assert_str_eq(err.text, "environment variable THE_SECRET is not set");
    cr_assert_eq(from_file("\n", &value), -ERR_INVALID);
    cr_assert_str_eq(err.text, arena_printf(arena, "secret file %s/secret holds fewer than 16 bytes", folder));
}

Test(secret, a_reference_has_one_known_member)
{
    struct str value;
    static const char *const bad[] = {
        "{}", "\"text\"", "[]", "{\"value\":\"sixteen bytes ok\"}", "{\"file\":\"/a\",\"env\":\"B\"}", "{\"env\":1}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        json_t *reference;
        if (json_read(arena, str_from(bad[i]), &reference, &err) != 0)
            continue;
        cr_assert_eq(secret_read(arena, reference, &value, &err), -ERR_INVALID, "%s", bad[i]);
        cr_assert_str_eq(err.text, "a webhook secret is given by reference");
    }
    json_t *relative = json_own(arena, json_pack("{s:s}", "file", "etc/secret"));
    cr_assert_eq(secret_read(arena, relative, &value, &err), -ERR_INVALID);
    cr_assert_str_eq(err.text, "secret file etc/secret is not an absolute path");
}
