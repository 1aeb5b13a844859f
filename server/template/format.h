#ifndef YELLOW_TEMPLATE_FORMAT_H
#define YELLOW_TEMPLATE_FORMAT_H

#include "template/run.h"

/* Python's `format % value`; safe formats escape what they take in. */
struct value format_percent(struct run *run, struct value format, struct value value);
/* str.format(*args, **kwargs). */
struct value format_brace(struct run *run, struct value format, const struct args *args);
/* A value by a format specification such as ">10.2f". */
struct str format_spec(struct run *run, struct value v, struct str spec);
/* A number to digits: sign and form are those of a specification. What "%.2f" and "{:.2f}" share. */
struct str format_float(struct run *run, double d, char form, int precision, bool alternate);

#endif
