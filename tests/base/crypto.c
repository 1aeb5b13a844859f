#include "base/crypto.h"

#include <criterion/criterion.h>

static const char *sha256(struct str data)
{
    static char out[SHA256_HEX_SIZE];
    crypto_sha256_hex(data, out);
    return out;
}

static const char *hmac(struct str key, struct str data)
{
    static char out[SHA256_HEX_SIZE];
    unsigned char digest[SHA256_SIZE];
    crypto_hmac_sha256(key, data, digest);
    crypto_hex(digest, sizeof digest, out);
    return out;
}

static struct str repeat(struct arena *arena, int byte, size_t n)
{
    return (struct str){memset(arena_alloc(arena, n), byte, n), n};
}

Test(crypto, sha256_agrees_with_fips_180)
{
    cr_assert_str_eq(sha256(STR("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    cr_assert_str_eq(sha256((struct str){0}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    cr_assert_str_eq(sha256(STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
                     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    struct arena *arena = arena_new();
    cr_assert_str_eq(sha256(repeat(arena, 'a', 1000000)),
                     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    arena_free(arena);
}

Test(crypto, hmac_sha256_agrees_with_rfc_4231)
{
    struct arena *arena = arena_new();
    cr_assert_str_eq(hmac(repeat(arena, 0x0b, 20), STR("Hi There")),
                     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    cr_assert_str_eq(hmac(STR("Jefe"), STR("what do ya want for nothing?")),
                     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    cr_assert_str_eq(hmac(repeat(arena, 0xaa, 20), repeat(arena, 0xdd, 50)),
                     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    cr_assert_str_eq(hmac(repeat(arena, 0xaa, 131), STR("Test Using Larger Than Block-Size Key - Hash Key First")),
                     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    cr_assert_str_eq(hmac(repeat(arena, 0xaa, 131),
                          STR("This is a test using a larger than block-size key and a larger than block-size data. "
                              "The key needs to be hashed before being used by the HMAC algorithm.")),
                     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
    cr_assert_str_eq(hmac((struct str){0}, (struct str){0}),
                     "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    arena_free(arena);
}

Test(crypto, equality_looks_at_length_and_bytes)
{
    cr_assert(crypto_equal(STR("abc"), STR("abc")));
    cr_assert(crypto_equal(STR(""), (struct str){0}));
    cr_assert_not(crypto_equal(STR("abc"), STR("abd")));
    cr_assert_not(crypto_equal(STR("abc"), STR("abcd")));
    char a[40], b[40];
    for (size_t at = 0; at < sizeof a; at++) {
        memset(a, 'a', sizeof a);
        memset(b, 'a', sizeof b);
        b[at] = 'A';
        cr_assert_not(crypto_equal((struct str){a, sizeof a}, (struct str){b, sizeof b}), "at %zu", at);
        cr_assert(crypto_equal((struct str){a, at}, (struct str){b, at}), "%zu bytes", at);
    }
}

Test(crypto, random_bytes_fill_all_of_it_and_differ)
{
    unsigned char a[64] = {0}, b[64] = {0};
    crypto_random(a, sizeof a);
    crypto_random(b, sizeof b);
    cr_assert_neq(memcmp(a, b, sizeof a), 0);
    cr_assert_neq(memcmp(a + 32, (unsigned char[32]){0}, 32), 0);
}

Test(crypto, base64_agrees_with_rfc_4648)
{
    static const char *const table[][3] = {{"", "", ""},
                                           {"f", "Zg==", "Zg"},
                                           {"fo", "Zm8=", "Zm8"},
                                           {"foo", "Zm9v", "Zm9v"},
                                           {"foob", "Zm9vYg==", "Zm9vYg"},
                                           {"fooba", "Zm9vYmE=", "Zm9vYmE"},
                                           {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
                                           {"\xfb\xff\xbf", "+/+/", "-_-_"}};
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct str back, data = str_from(table[i][0]);
        cr_assert_str_eq(crypto_base64(arena, data), table[i][1]);
        cr_assert_str_eq(crypto_base64url(arena, data), table[i][2]);
        cr_assert(crypto_base64url_decode(arena, str_from(table[i][2]), &back));
        cr_assert(str_eq(back, data));
    }
    arena_free(arena);
}

Test(crypto, malformed_base64url_is_refused)
{
    struct arena *arena = arena_new();
    struct str out = STR("untouched");
    static const char *const table[] = {"Z", "Zg==", "Zh", "Zm9", "a+b/", "ab cd", "Zm9vY"};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        cr_assert_not(crypto_base64url_decode(arena, str_from(table[i]), &out), "%s", table[i]);
    cr_assert_not(crypto_base64url_decode(arena, STR("ab\0d"), &out));
    cr_assert(str_eqz(out, "untouched"));
    arena_free(arena);
}
