#ifndef YELLOW_BASE_YAML_SCALAR_H
#define YELLOW_BASE_YAML_SCALAR_H

#include "base/yaml.h"

/* What a plain scalar means by the core schema (YAML 1.2.2, section 10.3.2). */
enum yaml_scalar yaml_scalar_kind(struct str text);

#endif
