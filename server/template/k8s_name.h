#ifndef YELLOW_TEMPLATE_K8S_NAME_H
#define YELLOW_TEMPLATE_K8S_NAME_H

#include "base/arena.h"
#include "base/str.h"

enum { K8S_NAME_MAX = 63 };

/* Any text as a name that Kubernetes takes, a DNS label (RFC 1123): lower case, anything else becomes '-'. What is
 * changed beyond its case, '_' and '.', or is longer than max bytes, ends with 8 digits of its SHA-256, so that two
 * names do not become one. The one rule of the filter k8s_name and of what names things in a stack. max is at least 10
 * and at most K8S_NAME_MAX. */
struct str k8s_name(struct arena *arena, struct str text, size_t max);

#endif
