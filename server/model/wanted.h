#ifndef YELLOW_MODEL_WANTED_H
#define YELLOW_MODEL_WANTED_H

#include <stdbool.h>

/* Whether a file of a repository belongs to its model: YAML, and what YAML names (SQL of transformers, templates).
 * Anything else in the repository is not read. */
bool model_wants(const char *path);

#endif
