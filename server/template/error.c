#include "template/error.h"

#include <stdio.h>

enum { SHOWN = 120 }; /* bytes of a source line in an error */

static struct str line_at(const struct place *place)
{
    size_t start = place->pos < place->source.len ? place->pos : place->source.len, end = start;
    while (start > 0 && place->source.data[start - 1] != '\n')
        start--;
    while (end < place->source.len && place->source.data[end] != '\n')
        end++;
    return (struct str){place->source.data + start, end - start};
}

void place_line_column(const struct place *place, unsigned *line, unsigned *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < place->pos && i < place->source.len; i++) {
        if (place->source.data[i] == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)place->source.data[i] & 0xc0) != 0x80) {
            ++*column;
        }
    }
}

/* Bytes of s that fit into max without cutting a character in two. */
static size_t whole_characters(struct str s, size_t max)
{
    if (s.len <= max)
        return s.len;
    while (max > 0 && ((unsigned char)s.data[max] & 0xc0) == 0x80)
        max--;
    return max;
}

int error_at(struct err *err, enum err_code code, const struct place *place, const char *what)
{
    unsigned line, column;
    place_line_column(place, &line, &column);
    struct str text = line_at(place);
    text.len = whole_characters(text, SHOWN);
    struct str said = str_from(what);
    said.len = whole_characters(said, 500);
    return err_set(err, code, "%s:%u:%u: " STR_FMT "\n    " STR_FMT, place->name, line, column, STR_ARG(said),
                   STR_ARG(text));
}

void error_add_site(struct err *err, const char *how, const struct place *place)
{
    unsigned line, column;
    place_line_column(place, &line, &column);
    size_t len = strlen(err->text);
    char site[256];
    int n = snprintf(site, sizeof site, "\n  %s %s:%u:%u", how, place->name, line, column);
    if (n > 0 && (size_t)n < sizeof site && len + (size_t)n < sizeof err->text)
        memcpy(err->text + len, site, (size_t)n + 1);
}
