#ifndef YELLOW_MODEL_REFERENCE_H
#define YELLOW_MODEL_REFERENCE_H

#include "base/buf.h"

/* The model format as Markdown, out of the field tables: the second half of docs/model.md. */
void model_reference(struct buf *out);
/* Every code of a finding, out of the table of checks: docs/checks.md from its first heading of an area on. */
void checks_reference(struct buf *out);

#endif
