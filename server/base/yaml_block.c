#include "base/yaml_scan.h"

/* Literal and folded scalars, step by step as libyaml does it: its way with blank lines that are deeper than the first
 * line of text is its own. */

struct block {
    bool literal;
    int chomp;    /* -1: no end of line at the end; 1: all of them; 0: one */
    long indent;  /* 0: not known yet */
    size_t first; /* ends of line: that behind the last line of text, */
    size_t blank; /* and those of the blank lines after it */
};

static bool header(struct scan *s, long indent, struct block *block)
{
    block->literal = *s->at++ == '|';
    for (int i = 0; i < 2; i++) {
        if (*s->at == '+' || *s->at == '-') {
            if (block->chomp)
                return false;
            block->chomp = *s->at++ == '+' ? 1 : -1;
        } else if (*s->at >= '1' && *s->at <= '9') {
            if (block->indent)
                return false;
            block->indent = *s->at++ - '0' + (indent > 0 ? indent : 0);
        }
    }
    scan_spaces(s);
    if (*s->at == '#' && scan_is_apart(s))
        while (!scan_is_end(*s->at))
            s->at++;
    if (*s->at == '\n')
        scan_line(s);
    else if (*s->at != '\0')
        return false;
    return true;
}

/* Steps over blank lines and the indentation of the line after them, and finds the indentation when it is not known. */
static void indentation(struct scan *s, long indent, struct block *block)
{
    long deepest = 0;
    for (;;) {
        while ((block->indent == 0 || s->at - s->line < block->indent) && *s->at == ' ')
            s->at++;
        if (s->at - s->line > deepest)
            deepest = s->at - s->line;
        if (*s->at != '\n')
            break;
        scan_line(s);
        block->blank++;
    }
    if (block->indent == 0) {
        block->indent = deepest > indent ? deepest : indent + 1;
        if (block->indent < 1)
            block->indent = 1;
    }
}

static char *line_ends(char *out, size_t n)
{
    memset(out, '\n', n);
    return out + n;
}

bool scan_block(struct scan *s, long indent, struct yaml_node *node)
{
    struct block block = {0};
    if (!scan_node(s, YAML_SCALAR, node))
        return false;
    char *const start = s->at, *out = start;
    if (!header(s, indent, &block))
        return false;
    indentation(s, indent, &block);
    bool was_blank = false; /* the last line began with a space */
    while (s->at - s->line == block.indent && *s->at) {
        bool is_blank = *s->at == ' ';
        if (!block.literal && block.first && !was_blank && !is_blank) {
            if (block.blank == 0)
                *out++ = ' ';
        } else {
            out = line_ends(out, block.first);
        }
        out = line_ends(out, block.blank);
        block.first = block.blank = 0;
        was_blank = is_blank;
        char *from = s->at;
        while (!scan_is_end(*s->at))
            s->at++;
        memmove(out, from, (size_t)(s->at - from));
        out += s->at - from;
        if (*s->at == '\n') {
            scan_line(s);
            block.first = 1;
        }
        indentation(s, indent, &block);
    }
    if (block.chomp >= 0)
        out = line_ends(out, block.first);
    if (block.chomp > 0)
        out = line_ends(out, block.blank);
    *out = '\0';
    node->quoted = true;
    node->text = (struct str){start, (size_t)(out - start)};
    return true;
}
