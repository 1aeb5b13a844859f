#ifndef YELLOW_TEMPLATE_ERROR_H
#define YELLOW_TEMPLATE_ERROR_H

#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

/* A place in a template's text. */
struct place {
    const char *name;
    struct str source;
    uint32_t pos; /* byte offset */
};

/* Line and column, both from 1; the column counts characters. */
void place_line_column(const struct place *place, unsigned *line, unsigned *column);
/* err becomes "NAME:LINE:COLUMN: what" and, on a line of its own, the source line. Returns -code. */
int error_at(struct err *err, enum err_code code, const struct place *place, const char *what);
/* Adds a line "  how NAME:LINE:COLUMN", for the chain of includes; nothing where err is full. */
void error_add_site(struct err *err, const char *how, const struct place *place);

#endif
