#ifndef YELLOW_CONTROL_UNIT_READER_H
#define YELLOW_CONTROL_UNIT_READER_H

#include "git/git.h"
#include "model/unit.h"

/* Reads the files of a list that have no unit yet (units[i] NULL) out of the mirror at dir, their
 * paths below prefix (model/origin.h), on two threads when there
 * is much to read. Fails with what may heal; units that are there then are the caller's all the same. */
int unit_reader_run(const char *dir, const char *prefix, const struct git_files *files, struct unit **units,
                    const struct model_limits *limits, struct err *err);

#endif
