#include "template/bigint.h"
#include "template/run.h"
#include "template/text.h"

static struct value missing_attr(struct run *run, struct value object, struct str name)
{
    if (object.type == VALUE_UNDEFINED)
        run_fail_undefined(run, object);
    if (name.len > 1 && name.data[0] == '_' && name.data[1] == '_')
        run_fail(run, "access to attribute '" STR_FMT "' of '%s' object is unsafe", STR_ARG(name), type_name(object));
    return run_undefined(run, name, type_owner(object), NULL);
}

static struct value bind(struct run *run, struct value self, const struct builtin *builtin)
{
    struct method *method = run_alloc(run, sizeof *method);
    *method = (struct method){self, builtin};
    return (struct value){.type = VALUE_METHOD, .as.method = method};
}

/* What is an attribute but not an item; false when there is none. */
static bool find_attr(struct run *run, struct value object, struct str name, struct value *out)
{
    const struct builtin *method = builtin_find_method(object.type, name);
    if (method) {
        *out = bind(run, object, method);
        return true;
    }
    switch (object.type) {
    case VALUE_LOOP: {
        enum loop_attr attr = builtin_loop_attr(name);
        if (attr)
            *out = loop_attr(run, object.as.loop, attr);
        return attr != LOOP_NONE;
    }
    case VALUE_TUPLE:
        if (!(object.flags & VALUE_GROUP) || (!str_eqz(name, "grouper") && !str_eqz(name, "list")))
            return false;
        *out = object.as.list->items[name.data[0] == 'l'];
        return true;
    case VALUE_CYCLER:
        if (!str_eqz(name, "current"))
            return false;
        *out = object.as.cycler->items->items[object.as.cycler->at];
        return true;
    case VALUE_MACRO:
        if (!str_eqz(name, "name"))
            return false;
        *out = value_of_str(object.as.macro->node->name);
        return true;
    case VALUE_SELF:
        *out = block_attr(run, object.as.context, name, 0);
        return out->type != VALUE_MISSING;
    case VALUE_BLOCK:
        if (!str_eqz(name, "super"))
            return false;
        *out = block_attr(run, object.as.block->context, object.as.block->name, object.as.block->depth + 1);
        if (out->type == VALUE_MISSING)
            *out = run_undefined(run, name, NULL, "there is no parent block of that name");
        return true;
    default:
        return false;
    }
}

static const struct value *find_key(struct value object, struct str name, uint64_t hash)
{
    if (object.type == VALUE_DICT || object.type == VALUE_NAMESPACE)
        return dict_find_text(object.as.dict, name, hash);
    return object.type == VALUE_MODULE ? dict_find_text(object.as.module->exports, name, hash) : NULL;
}

struct value get_attr(struct run *run, struct value object, struct str name, uint64_t hash)
{
    struct value v;
    if (object.type != VALUE_NAMESPACE && find_attr(run, object, name, &v))
        return v;
    const struct value *there = find_key(object, name, hash);
    return there ? *there : missing_attr(run, object, name);
}

static struct value missing_item(struct run *run, struct value object, struct value key)
{
    if (object.type == VALUE_UNDEFINED)
        run_fail_undefined(run, object);
    if (key.type == VALUE_UNDEFINED && key.flags & VALUE_STRICT)
        run_fail_undefined(run, key);
    return run_undefined(run, to_repr(run, key), type_owner(object), NULL);
}

static bool seq_item(struct run *run, struct value object, int64_t at, struct value *out)
{
    size_t len = 0;
    if (object.type == VALUE_STR) {
        struct str s = value_text(object);
        if (at < 0)
            at += (int64_t)text_len(s);
        run_charge(run, s.len / 64);
        size_t offset = at < 0 ? s.len : text_offset(s, (size_t)at);
        if (offset >= s.len)
            return false;
        struct str rest = {s.data + offset, s.len - offset};
        *out = value_of_str((struct str){rest.data, text_char_len(rest)});
        out->flags = object.flags;
        return true;
    }
    (void)length_of(run, object, &len);
    if (at < 0)
        at += (int64_t)len;
    if (at < 0 || (size_t)at >= len)
        return false;
    *out = object.type == VALUE_RANGE ? value_of_int(object.as.range->start + at * object.as.range->step)
                                      : object.as.list->items[at];
    return true;
}

struct value get_item(struct run *run, struct value object, struct value key)
{
    struct value v;
    int64_t at;
    switch (object.type) {
    case VALUE_DICT: {
        uint64_t hash;
        if (key.type == VALUE_UNDEFINED && key.flags & VALUE_STRICT)
            run_fail_undefined(run, key);
        if (key.type == VALUE_STR)
            run_charge(run, key.len / STEP_BYTES);
        const struct value *there = value_hash(key, &hash) ? dict_find(object.as.dict, key, hash) : NULL;
        if (there)
            return *there;
        break;
    }
    case VALUE_STR:
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_RANGE:
        if (as_int(key, &at) && seq_item(run, object, at, &v))
            return v;
        break;
    case VALUE_NAMESPACE:
    case VALUE_MODULE:
        if (key.type == VALUE_STR)
            return get_attr(run, object, value_text(key), str_hash(value_text(key)));
        break;
    default:
        break;
    }
    if (key.type == VALUE_STR && object.type != VALUE_UNDEFINED) {
        if (find_attr(run, object, value_text(key), &v))
            return v;
        return missing_attr(run, object, value_text(key));
    }
    return missing_item(run, object, key);
}

static bool bound(struct run *run, struct value v, int64_t *out)
{
    if (v.type == VALUE_NONE || v.type == VALUE_MISSING)
        return false;
    if (v.type == VALUE_UNDEFINED)
        run_fail_undefined(run, v);
    if (v.type == VALUE_BIG)
        *out = bigint_is_negative(v) ? INT64_MIN : INT64_MAX;
    else if (!as_int(v, out))
        run_fail(run, "slice indices must be integers or None");
    return true;
}

static int64_t clamp(int64_t at, int64_t len, int64_t low, int64_t high)
{
    if (at < 0)
        at = at < -len ? low : at + len;
    return at < low ? low : at > high ? high : at;
}

size_t slice_bounds(struct run *run, size_t len, const struct value bounds[3], int64_t *start, int64_t *step)
{
    int64_t n = (int64_t)len, stop;
    if (!bound(run, bounds[2], step))
        *step = 1;
    if (*step == 0)
        run_fail(run, "slice step cannot be zero");
    if (*step == INT64_MIN)
        *step = -INT64_MAX;
    int64_t low = *step < 0 ? -1 : 0, high = *step < 0 ? n - 1 : n;
    *start = bound(run, bounds[0], start) ? clamp(*start, n, low, high) : *step < 0 ? high : low;
    stop = bound(run, bounds[1], &stop) ? clamp(stop, n, low, high) : *step < 0 ? low : high;
    if (*step > 0)
        return stop > *start ? (size_t)((stop - *start - 1) / *step + 1) : 0;
    return stop < *start ? (size_t)((*start - stop - 1) / -*step + 1) : 0;
}

static struct value slice_text(struct run *run, struct value of, const struct value bounds[3])
{
    int64_t start, step;
    struct str s = value_text(of);
    run_charge(run, s.len / 16);
    size_t n = slice_bounds(run, text_len(s), bounds, &start, &step);
    if (step == 1) {
        size_t from = text_offset(s, (size_t)start);
        struct str rest = {s.data + from, s.len - from};
        struct value v = value_of_str((struct str){rest.data, text_offset(rest, n)});
        v.flags = of.flags;
        return v;
    }
    /* Characters have different sizes: note where each one begins. */
    size_t len = text_len(s), at = 0;
    uint32_t *offsets = run_alloc(run, (len + 1) * sizeof *offsets);
    for (size_t i = 0; i < s.len; i++) {
        if (((unsigned char)s.data[i] & 0xc0) != 0x80)
            offsets[at++] = (uint32_t)i;
    }
    offsets[at] = (uint32_t)s.len;
    struct text_builder tb = {.run = run};
    for (size_t i = 0; i < n; i++, start += step)
        tb_add(&tb, (struct str){s.data + offsets[start], offsets[start + 1] - offsets[start]});
    struct value v = value_of_str(tb_str(&tb));
    v.flags = of.flags;
    return v;
}

struct value get_slice(struct run *run, struct value object, const struct value bounds[3])
{
    int64_t start, step;
    size_t len;
    switch (object.type) {
    case VALUE_STR:
        return slice_text(run, object, bounds);
    case VALUE_LIST:
    case VALUE_TUPLE: {
        size_t n = slice_bounds(run, object.as.list->len, bounds, &start, &step);
        struct value_list *list = run_list(run, n);
        for (size_t i = 0; i < n; i++, start += step)
            list->items[list->len++] = object.as.list->items[start];
        return (struct value){.type = object.type, .as.list = list};
    }
    case VALUE_RANGE: {
        const struct value_range *of = object.as.range;
        len = slice_bounds(run, of->len, bounds, &start, &step);
        struct value_range *range = run_alloc(run, sizeof *range);
        *range = (struct value_range){.start = of->start + start * of->step, .step = of->step * step, .len = len};
        range->stop = range->start + (int64_t)len * range->step;
        return (struct value){.type = VALUE_RANGE, .as.range = range};
    }
    case VALUE_UNDEFINED:
        run_fail_undefined(run, object);
    default:
        run_fail(run, "'%s' object is not subscriptable", type_name(object));
    }
}
