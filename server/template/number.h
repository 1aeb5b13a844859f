#ifndef YELLOW_TEMPLATE_NUMBER_H
#define YELLOW_TEMPLATE_NUMBER_H

#include "base/str.h"

/* Numbers to text and back as Python does it. */
enum { NUMBER_INT_SIZE = 24, NUMBER_FLOAT_SIZE = 40 };

/* Decimal digits, not terminated; returns how many bytes. */
size_t number_print_int(int64_t n, char out[NUMBER_INT_SIZE]);
/* repr(): the shortest digits that read back as d. */
size_t number_print_float(double d, char out[NUMBER_FLOAT_SIZE]);
/* Value of a digit in any base up to 36, or 99. */
int number_digit(char c);
/* Digits with single underscores between; false when empty, malformed or beyond 64 bits. */
bool number_parse_int(struct str s, int base, int64_t *out);
/* As float(text); underscores between digits. */
bool number_parse_float(struct str s, double *out);
bool number_read_float(struct str s, double *out);

#endif
