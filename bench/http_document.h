#ifndef BENCH_HTTP_DOCUMENT_H
#define BENCH_HTTP_DOCUMENT_H

#include <stdio.h>
#include <stdlib.h>

/* What all servers of bench/http send: the bytes of a file, this tag, these headers. */
#define BENCH_TAG "3f1c9a5be2d04d8e9b7a6c5d4e3f2a1b"
#define BENCH_PATH "/v1/ecosystems/acme/status"
#define BENCH_TOKEN "yb_bench0000000000000000000000000000000000000"
#define BENCH_ID "0123456789abcdef0123456789abcdef"
enum { BENCH_THREADS = 2, BENCH_CONNECTIONS = 4096, BENCH_POOL_BYTES = 16 * 1024 };

static inline char *bench_document(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *data = malloc(1 << 20);
    if (!file || !data)
        exit(3);
    *len = fread(data, 1, 1 << 20, file);
    (void)fclose(file);
    return data;
}

#endif
