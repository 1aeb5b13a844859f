#include "template/run.h"
#include "template/text.h"

bool is_iterable(struct value v)
{
    switch (v.type) {
    case VALUE_STR:
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_VIEW:
    case VALUE_ITER:
    case VALUE_RANGE:
    case VALUE_DICT:
    case VALUE_LOOP:
        return true;
    default:
        return false;
    }
}

void walk_start(struct run *run, struct walk *walk, struct value of)
{
    *walk = (struct walk){.of = of};
    if (of.type == VALUE_UNDEFINED) {
        if (of.flags & VALUE_STRICT)
            run_fail_undefined(run, of);
        return;
    }
    if (!is_iterable(of) || of.type == VALUE_LOOP)
        run_fail(run, "'%s' object is not iterable", type_name(of));
    if (of.type == VALUE_DICT)
        walk->len = of.as.dict->len;
}

static bool next_in_dict(struct run *run, struct walk *walk, struct value *out)
{
    const struct value_dict *dict = walk->of.as.dict;
    if (dict->len != walk->len)
        run_fail(run, "dictionary changed size during iteration");
    if (walk->at >= walk->len)
        return false;
    *out = dict->entries[walk->at++].key;
    return true;
}

static bool next_in_iter(struct value_iter *iter, struct value *out)
{
    if (iter->at >= iter->list->len)
        return false;
    *out = iter->list->items[iter->at++];
    return true;
}

bool walk_next_other(struct run *run, struct walk *walk, struct value *out)
{
    switch (walk->of.type) {
    case VALUE_TUPLE:
    case VALUE_VIEW:
        if (walk->at >= walk->of.as.list->len)
            return false;
        *out = walk->of.as.list->items[walk->at++];
        return true;
    case VALUE_DICT:
        return next_in_dict(run, walk, out);
    case VALUE_ITER:
        return next_in_iter(walk->of.as.iter, out);
    case VALUE_RANGE: {
        const struct value_range *range = walk->of.as.range;
        if (walk->at >= range->len)
            return false;
        *out = value_of_int(range->start + (int64_t)walk->at++ * range->step);
        return true;
    }
    case VALUE_STR: {
        struct str rest = {walk->of.as.s + walk->at, walk->of.len - walk->at};
        if (!rest.len)
            return false;
        size_t n = text_char_len(rest);
        *out = value_of_str((struct str){rest.data, n});
        walk->at += n;
        return true;
    }
    default:
        return false;
    }
}

struct value_list *list_copy(struct run *run, struct value v)
{
    struct walk walk;
    walk_start(run, &walk, v);
    if (v.type == VALUE_RANGE && v.as.range->len > run->steps_left)
        run_fail_steps(run);
    size_t cap = value_is_seq(v) ? v.as.list->len : v.type == VALUE_RANGE ? v.as.range->len : 4;
    struct value_list *list = run_list(run, cap);
    struct value item;
    while (walk_next(run, &walk, &item)) {
        run_charge(run, 1);
        run_push(run, list, item);
    }
    return list;
}

const struct value_list *list_of(struct run *run, struct value v)
{
    return value_is_seq(v) ? v.as.list : list_copy(run, v);
}

bool length_of(struct run *run, struct value v, size_t *out)
{
    switch (v.type) {
    case VALUE_STR:
        *out = text_len(value_text(v));
        return true;
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_VIEW:
        *out = v.as.list->len;
        return true;
    case VALUE_DICT:
        *out = v.as.dict->len;
        return true;
    case VALUE_RANGE:
        *out = v.as.range->len;
        return true;
    case VALUE_LOOP:
        *out = (size_t)loop_attr(run, v.as.loop, LOOP_LENGTH).as.i;
        return true;
    case VALUE_UNDEFINED:
        if (v.flags & VALUE_STRICT)
            run_fail_undefined(run, v);
        *out = 0;
        return true;
    default:
        return false;
    }
}
