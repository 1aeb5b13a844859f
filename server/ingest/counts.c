#include "ingest/counts.h"

#include <stddef.h>

static const struct {
    const char *name;
    size_t at;
} fields[] = {
    {"read", offsetof(struct counts, read)},           {"inserted", offsetof(struct counts, inserted)},
    {"updated", offsetof(struct counts, updated)},     {"deleted", offsetof(struct counts, deleted)},
    {"unchanged", offsetof(struct counts, unchanged)}, {"quarantined", offsetof(struct counts, quarantined)},
};
enum { FIELD_COUNT = sizeof fields / sizeof *fields };

static int64_t *field(struct counts *counts, size_t i)
{
    return (int64_t *)(void *)((char *)counts + fields[i].at);
}

static void write_counts(json_t *out, struct counts counts)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        json_object_set_new(out, fields[i].name, json_integer(*field(&counts, i)));
}

static void read_counts(const json_t *json, struct counts *out)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        *field(out, i) = json_integer_value(json_object_get(json, fields[i].name));
}

void counts_add(struct counts *sum, const struct counts *more)
{
    struct counts copy = *more;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        *field(sum, i) += *field(&copy, i);
}

const char *counts_text(struct arena *arena, const struct batch_outcome *outcome)
{
    json_t *all = json_own(arena, json_object()), *datasets = json_object();
    write_counts(all, outcome->counts);
    json_object_set_new(all, "datasets", datasets);
    for (size_t i = 0; i < outcome->dataset_count; i++) {
        json_t *one = json_object();
        write_counts(one, outcome->datasets[i].counts);
        json_object_set_new(one, "way", json_text_or_null(outcome->datasets[i].way));
        json_object_set_new(one, "ddl", json_boolean(outcome->datasets[i].ddl));
        json_object_set_new(datasets, outcome->datasets[i].dataset, one);
    }
    struct buf *text = buf_new(arena);
    json_write(text, all);
    return buf_text(text);
}

void counts_read(struct arena *arena, const json_t *json, struct batch_outcome *out)
{
    json_t *datasets = json_object_get(json, "datasets");
    read_counts(json, &out->counts);
    out->datasets = arena_calloc(arena, json_object_size(datasets), sizeof *out->datasets);
    out->dataset_count = 0;
    const char *name;
    const json_t *one;
    json_object_foreach(datasets, name, one)
    {
        size_t i = out->dataset_count++;
        out->datasets[i].dataset = arena_strdup(arena, name);
        read_counts(one, &out->datasets[i].counts);
        out->datasets[i].way = arena_strdup(arena, json_text(one, "way"));
        out->datasets[i].ddl = json_is_true(json_object_get(one, "ddl"));
    }
}
