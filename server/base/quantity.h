#ifndef YELLOW_BASE_QUANTITY_H
#define YELLOW_BASE_QUANTITY_H

#include "base/str.h"

/* A Kubernetes quantity ("256Mi", "1.5Gi", "500m", "2", "1e3"): false when malformed, zero, negative or out of range.
 * milli gets thousandths: of bytes for memory, of cores for CPU. */
bool quantity_parse(struct str text, int64_t *milli);

#endif
