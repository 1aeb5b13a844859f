#ifndef YELLOW_CONTROL_HEALTH_H
#define YELLOW_CONTROL_HEALTH_H

#include "store/status.h"

/* The status document: counts by state, the worst lag, failures, and a verdict with one reason. */

enum { HEALTH_FAILURES = 20 }; /* named in a document; the others are counted */

/* "unknown": there is nothing to judge yet. "failing": a job of priority critical or high failed or was lost, or half
 * of all jobs did. "degraded": any job did. "ok": none. The document is a new reference; its bytes depend on the
 * figures alone, and of the lag only on its whole minutes. */
json_t *health_document(struct arena *arena, const char *ecosystem, const struct status_figures *figures);

#endif
