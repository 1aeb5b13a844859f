#ifndef YELLOW_TEMPLATE_JSON_TEXT_H
#define YELLOW_TEMPLATE_JSON_TEXT_H

#include "template/run.h"

struct json_style {
    bool sort_keys, ascii; /* ascii: other characters as \uXXXX */
    const char *indent;    /* of one level; NULL: all on one line */
    const char *comma, *colon;
    bool html; /* < > & ' as \uXXXX */
};

/* As Python's json.dumps: fails for what JSON has no form of. */
void json_text_add(struct text_builder *tb, struct value v, const struct json_style *style);
void json_text_add_string(struct text_builder *tb, struct str s, const struct json_style *style);

#endif
