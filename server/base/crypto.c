#include "base/crypto.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/* Fetching an algorithm costs more than hashing a small text: once a process. */
static EVP_MD *sha256;
static EVP_MAC *hmac;
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

static _Noreturn void fail(const char *what)
{
    (void)fprintf(stderr, "yellow: libcrypto failed: %s\n", what);
    abort();
}

static void fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (!sha256 || !hmac)
        fail("no SHA-256 or HMAC");
}

static const void *bytes(struct str s)
{
    return s.data ? s.data : "";
}

void crypto_sha256(struct str data, unsigned char out[SHA256_SIZE])
{
    (void)pthread_once(&fetched, fetch);
    if (EVP_Digest(bytes(data), data.len, out, NULL, sha256, NULL) != 1)
        fail("SHA-256");
}

void crypto_hmac_sha256(struct str key, struct str data, unsigned char out[SHA256_SIZE])
{
    (void)pthread_once(&fetched, fetch);
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(hmac);
    size_t len = 0;
    if (!ctx || EVP_MAC_init(ctx, bytes(key), key.len, params) != 1 ||
        EVP_MAC_update(ctx, bytes(data), data.len) != 1 || EVP_MAC_final(ctx, out, &len, SHA256_SIZE) != 1 ||
        len != SHA256_SIZE)
        fail("HMAC-SHA-256");
    EVP_MAC_CTX_free(ctx);
}

void crypto_hex(const unsigned char *data, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        *out++ = digits[data[i] >> 4];
        *out++ = digits[data[i] & 15];
    }
    *out = '\0';
}

void crypto_sha256_hex(struct str data, char out[SHA256_HEX_SIZE])
{
    unsigned char digest[SHA256_SIZE];
    crypto_sha256(data, digest);
    crypto_hex(digest, sizeof digest, out);
}

bool crypto_equal(struct str a, struct str b)
{
    uint64_t differ = 0, x, y;
    size_t i = 0;
    if (a.len != b.len)
        return false;
    for (; a.len - i >= sizeof x; i += sizeof x) {
        memcpy(&x, a.data + i, sizeof x);
        memcpy(&y, b.data + i, sizeof y);
        differ |= x ^ y;
    }
    for (; i < a.len; i++)
        differ |= (uint64_t)(unsigned char)(a.data[i] ^ b.data[i]);
    __asm__ volatile("" : "+r"(differ)); /* no compiler may find a way out of the loops */
    return differ == 0;
}

void crypto_random(void *out, size_t len)
{
    unsigned char *p = out;
    while (len) {
        ssize_t n = getrandom(p, len, 0);
        if (n < 0) {
            if (errno == EINTR)
                continue;
            fail("no random bytes from the system");
        }
        p += n;
        len -= (size_t)n;
    }
}

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static char *encode(struct arena *arena, struct str data, const char *alphabet, bool pad)
{
    char *text = arena_alloc(arena, data.len / 3 * 4 + 5), *to = text;
    const unsigned char *p = bytes(data);
    for (size_t i = 0; i < data.len; i += 3) {
        size_t n = data.len - i < 3 ? data.len - i : 3;
        uint32_t group = (uint32_t)p[i] << 16 | (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) | (n > 2 ? p[i + 2] : 0u);
        for (size_t j = 0; j < 4; j++) {
            if (j <= n)
                *to++ = alphabet[group >> (18 - 6 * j) & 63];
            else if (pad)
                *to++ = '=';
        }
    }
    *to = '\0';
    return text;
}

char *crypto_base64(struct arena *arena, struct str data)
{
    return encode(arena, data, standard, true);
}

char *crypto_base64url(struct arena *arena, struct str data)
{
    return encode(arena, data, url_safe, false);
}

bool crypto_base64url_decode(struct arena *arena, struct str text, struct str *out)
{
    if (text.len % 4 == 1)
        return false;
    char *data = arena_alloc(arena, text.len / 4 * 3 + 3);
    size_t len = 0;
    uint32_t group = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *at = text.data[i] ? strchr(url_safe, text.data[i]) : NULL;
        if (!at)
            return false;
        group = group << 6 | (uint32_t)(at - url_safe);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            data[len++] = (char)(unsigned char)(group >> bits);
            group &= (1u << bits) - 1;
        }
    }
    if (group) /* bits left over that are not zero: a second spelling of the same bytes */
        return false;
    *out = (struct str){data, len};
    return true;
}
