#ifndef YELLOW_STACK_NAMING_H
#define YELLOW_STACK_NAMING_H

#include "base/arena.h"

/* Names that more than one place has to agree on are made here, and only here. */

/* template/k8s_name.h's rule, as the filter k8s_name has it: a DNS label of at most 63 bytes. */
const char *naming_k8s(struct arena *arena, const char *text);
/* The same within max bytes: a CronJob has 52. */
const char *naming_k8s_max(struct arena *arena, const char *text, size_t max);

/* The Kubernetes Secret that holds a credential of the model for a PSP: "yellow-ny-crm-reader". */
const char *naming_secret(struct arena *arena, const char *psp, const char *credential);

#endif
