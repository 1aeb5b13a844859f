#include "template/run.h"

static const char *const entities[256] = {
    ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['\''] = "&#39;", ['"'] = "&#34;"};

struct value make_safe(struct str s)
{
    struct value v = value_of_str(s);
    v.flags = VALUE_SAFE;
    return v;
}

struct value escape(struct run *run, struct value v)
{
    if (v.type == VALUE_STR && v.flags & VALUE_SAFE)
        return v;
    if (v.type == VALUE_MODULE)
        return make_safe(v.as.module->body);
    struct str text = to_text(run, v);
    struct text_builder tb = {.run = run};
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *entity = entities[(unsigned char)text.data[i]];
        if (!entity)
            continue;
        tb_add(&tb, (struct str){text.data + from, i - from});
        tb_add(&tb, str_from(entity));
        from = i + 1;
    }
    if (from == 0)
        return make_safe(text);
    tb_add(&tb, (struct str){text.data + from, text.len - from});
    return make_safe(tb_str(&tb));
}

void out_escaped(struct run *run, struct str s)
{
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        const char *entity = entities[(unsigned char)s.data[i]];
        if (!entity)
            continue;
        run_out(run, s.data + from, i - from);
        run_out(run, entity, strlen(entity));
        from = i + 1;
    }
    run_out(run, s.data + from, s.len - from);
}
