#ifndef YELLOW_MODEL_REFERENCE_H
#define YELLOW_MODEL_REFERENCE_H

#include "base/buf.h"

/* The model format and its checks as Markdown, out of the field tables and the table of checks: the second half of
 * docs/model.md. */
void model_reference(struct buf *out);

#endif
