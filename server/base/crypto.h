#ifndef YELLOW_BASE_CRYPTO_H
#define YELLOW_BASE_CRYPTO_H

#include "base/arena.h"
#include "base/str.h"

enum { SHA256_SIZE = 32, SHA256_HEX_SIZE = 65 };

void crypto_sha256(struct str data, unsigned char out[SHA256_SIZE]);
void crypto_hmac_sha256(struct str key, struct str data, unsigned char out[SHA256_SIZE]);
/* Lower-case hexadecimal, terminated: out has 2 * len + 1 bytes. */
void crypto_hex(const unsigned char *data, size_t len, char *out);
/* sha256 as hexadecimal text. */
void crypto_sha256_hex(struct str data, char out[SHA256_HEX_SIZE]);
/* Time does not depend on where they differ; different lengths are unequal. */
bool crypto_equal(struct str a, struct str b);
/* From the system's generator; its failure aborts. */
void crypto_random(void *out, size_t len);
/* RFC 4648. The URL form has no padding. */
char *crypto_base64(struct arena *arena, struct str data);
char *crypto_base64url(struct arena *arena, struct str data);
/* Decodes base64url without padding; false when malformed. */
bool crypto_base64url_decode(struct arena *arena, struct str text, struct str *out);

#endif
