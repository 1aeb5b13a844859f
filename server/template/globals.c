#include "template/run.h"

static struct value global_range(struct run *run, const struct value *a)
{
    int64_t start = 0, stop = arg_int(run, a[1], 0, "start"), step = arg_int(run, a[3], 1, "step");
    if (a[2].type != VALUE_MISSING) {
        start = stop;
        stop = arg_int(run, a[2], 0, "stop");
    }
    if (step == 0)
        run_fail(run, "range() arg 3 must not be zero");
    struct value_range *range = run_alloc(run, sizeof *range);
    *range = (struct value_range){start, stop, step, 0};
    if (step > 0 && stop > start)
        range->len = (size_t)(((uint64_t)stop - (uint64_t)start - 1) / (uint64_t)step + 1);
    else if (step < 0 && stop < start)
        range->len = (size_t)(((uint64_t)start - (uint64_t)stop - 1) / (0 - (uint64_t)step) + 1);
    return (struct value){.type = VALUE_RANGE, .as.range = range};
}

/* What dict() and namespace() take: a mapping or pairs, then keywords. */
static struct value_dict *dict_from(struct run *run, const struct args *args)
{
    struct value_dict *dict = run_dict(run);
    if (args->len > 1)
        run_fail(run, "dict expected at most 1 argument, got %zu", args->len);
    if (args->len && args->items[0].type == VALUE_DICT) {
        const struct value_dict *of = args->items[0].as.dict;
        run_charge(run, of->len);
        for (size_t i = 0; i < of->len; i++)
            dict_put(run->arena, dict, of->entries[i].key, of->entries[i].hash, of->entries[i].value);
    } else if (args->len) {
        const struct value_list *pairs = list_of(run, args->items[0]);
        for (size_t i = 0; i < pairs->len; i++) {
            const struct value_list *pair = list_of(run, pairs->items[i]);
            if (pair->len != 2)
                run_fail(run, "dictionary update sequence element #%zu has length %zu; 2 is required", i, pair->len);
            dict_put(run->arena, dict, pair->items[0], hash_of(run, pair->items[0]), pair->items[1]);
        }
    }
    for (size_t i = 0; i < args->kw_len; i++)
        dict_put_text(run->arena, dict, args->kwargs[i].name, args->kwargs[i].value);
    return dict;
}

static struct value global_dict(struct run *run, struct value self, const struct args *args)
{
    (void)self;
    return value_of_dict(dict_from(run, args));
}

static struct value global_namespace(struct run *run, struct value self, const struct args *args)
{
    (void)self;
    return (struct value){.type = VALUE_NAMESPACE, .as.dict = dict_from(run, args)};
}

static struct value global_cycler(struct run *run, struct value self, const struct args *args)
{
    (void)self;
    if (!args->len || args->kw_len)
        run_fail(run, "at least one item has to be provided");
    struct cycler *cycler = run_alloc(run, sizeof *cycler);
    struct value_list *list = run_list(run, args->len);
    for (size_t i = 0; i < args->len; i++)
        list->items[list->len++] = args->items[i];
    cycler->items = list;
    return (struct value){.type = VALUE_CYCLER, .as.cycler = cycler};
}

static struct value cycler_next(struct run *run, const struct value *a)
{
    (void)run;
    struct cycler *cycler = a[0].as.cycler;
    struct value v = cycler->items->items[cycler->at];
    cycler->at = (cycler->at + 1) % cycler->items->len;
    return v;
}

static struct value cycler_reset(struct run *run, const struct value *a)
{
    (void)run;
    a[0].as.cycler->at = 0;
    return value_of_none();
}

static struct value global_joiner(struct run *run, const struct value *a)
{
    struct joiner *joiner = run_alloc(run, sizeof *joiner);
    joiner->separator = a[1].type == VALUE_MISSING ? value_of_str(STR(", ")) : a[1];
    return (struct value){.type = VALUE_JOINER, .as.joiner = joiner};
}

static const struct builtin rows[] = {
    {"range", global_range, NULL, 1, {"start", "stop", "step"}},
    {"dict", NULL, global_dict, 0, {NULL}},
    {"namespace", NULL, global_namespace, 0, {NULL}},
    {"cycler", NULL, global_cycler, 0, {NULL}},
    {"joiner", global_joiner, NULL, 0, {"sep"}},
};
const struct builtin_table globals_all = BUILTIN_TABLE(rows);

static const struct builtin cycler_rows[] = {{"next", cycler_next, NULL, 0, {NULL}},
                                             {"reset", cycler_reset, NULL, 0, {NULL}}};
const struct builtin_table methods_cycler = BUILTIN_TABLE(cycler_rows);
