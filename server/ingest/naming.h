#ifndef YELLOW_INGEST_NAMING_H
#define YELLOW_INGEST_NAMING_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Names in the merge database. The parts, in lower case with - as _, joined by two underscores:
 * schema acme__yellowlive, table customers__people; schema acme__yellowlive__marketing, view
 * current__customers__people, and current__customers__people__full. Where 63 bytes do not hold it, or a part itself has
 * two underscores or ends with one, so that two lists of parts could meet: cut, and followed by _ and 12 hexadecimal
 * digits of the SHA-256 of the parts. The same parts always give the same name, different ones never; names of a model
 * fold apart (model/check_names.c). */
enum { NAMING_MAX = 63 };
const char *naming_join(struct arena *arena, const char *const *parts, size_t n);
/* Whether the name is the parts alone: those that are not are listed for people. */
bool naming_is_plain(const char *const *parts, size_t n);

const char *naming_data_schema(struct arena *arena, const char *ecosystem, const char *platform);
const char *naming_table(struct arena *arena, const char *store, const char *dataset);
const char *naming_view_schema(struct arena *arena, const char *ecosystem, const char *platform, const char *workspace);
/* suffix: NULL, "full" or "as_of". */
const char *naming_view(struct arena *arena, const char *group, const char *store, const char *dataset,
                        const char *suffix);
/* The role that gets SELECT on a workspace's views. */
const char *naming_reader_role(struct arena *arena, const char *ecosystem, const char *platform, const char *workspace);
/* Where a transformer writes its output, one table a dataset under the dataset's own name. */
const char *naming_output_schema(struct arena *arena, const char *ecosystem, const char *platform,
                                 const char *transformer);
/* Where the run with that fence makes a new output: no other run writes there. */
const char *naming_next_schema(struct arena *arena, const char *ecosystem, const char *platform,
                               const char *transformer, int64_t fence);

#endif
