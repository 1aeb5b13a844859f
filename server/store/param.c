#include "store/param.h"

struct pg_param param_json(struct arena *arena, const json_t *value)
{
    if (!value)
        return PG_NULL;
    struct buf *text = buf_new(arena);
    json_write(text, value);
    return PG_TEXT(buf_text(text));
}
