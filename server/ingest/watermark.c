#include "ingest/watermark.h"

#include "base/json.h"

static int not_one(const char *what, struct err *err)
{
    (void)err_set(err, ERR_INVALID, "the watermark cannot be read: %s", what);
    return err_hint(err, "re-snapshot the stream, or rewind it to a value");
}

static int read_dataset(struct arena *arena, const char *name, const json_t *body, struct watermark_dataset *out,
                        struct err *err)
{
    const json_t *relations = json_object_get(body, "relations"), *item;
    size_t i, n = json_array_size(relations);
    const char **list = arena_calloc(arena, n, sizeof *list);
    json_array_foreach(relations, i, item)
    {
        list[i] = json_string_value(item);
        if (!list[i])
            return not_one("a relation that is no text", err);
    }
    *out = (struct watermark_dataset){name, json_text(body, "value"), list, n};
    return 0;
}

int watermark_read(struct arena *arena, const char *text, struct watermark *out, struct err *err)
{
    *out = (struct watermark){0};
    if (!text)
        return 0;
    if (*text != '{') {
        out->everywhere.value = *text ? text : NULL;
        return *text ? 0 : not_one("it is empty", err);
    }
    json_t *root;
    struct err why = {0};
    if (json_read(arena, str_from(text), &root, &why) != 0)
        return not_one(why.text, err);
    const char *horizon = json_text(root, "horizon");
    json_t *datasets = json_object_get(root, "datasets"), *body;
    if (!json_is_object(datasets))
        return not_one("it has no datasets", err);
    if (horizon && !str_int64(str_from(horizon), 1, INT64_MAX, &out->horizon))
        return not_one("its horizon is no number", err);
    out->source = json_text(root, "source");
    out->from = json_text(root, "from");
    out->datasets = arena_calloc(arena, json_object_size(datasets), sizeof *out->datasets);
    const char *name;
    json_object_foreach(datasets, name, body)
    {
        int rc = read_dataset(arena, name, body, &out->datasets[out->dataset_count++], err);
        if (rc)
            return rc;
    }
    return 0;
}

const char *watermark_write(struct arena *arena, const struct watermark *watermark)
{
    struct buf *out = buf_new(arena);
    buf_adds(out, "{\"datasets\":{");
    for (size_t i = 0; i < watermark->dataset_count; i++) {
        const struct watermark_dataset *dataset = &watermark->datasets[i];
        buf_adds(out, i ? "," : "");
        json_write_text(out, str_from(dataset->name));
        buf_adds(out, ":{");
        if (dataset->value) {
            buf_adds(out, "\"value\":");
            json_write_text(out, str_from(dataset->value));
        }
        for (size_t r = 0; r < dataset->relation_count; r++)
            buf_addf(out, "%s\"%s\"",
                     r                ? ","
                     : dataset->value ? ",\"relations\":["
                                      : "\"relations\":[",
                     dataset->relations[r]);
        buf_adds(out, dataset->relation_count ? "]}" : "}");
    }
    buf_addc(out, '}');
    if (watermark->source) {
        buf_adds(out, ",\"source\":");
        json_write_text(out, str_from(watermark->source));
    }
    if (watermark->horizon)
        buf_addf(out, ",\"horizon\":\"%lld\"", (long long)watermark->horizon);
    if (watermark->from) {
        buf_adds(out, ",\"from\":");
        json_write_text(out, str_from(watermark->from));
    }
    buf_addc(out, '}');
    return buf_text(out);
}

const struct watermark_dataset *watermark_find(const struct watermark *watermark, const char *dataset)
{
    for (size_t i = 0; i < watermark->dataset_count; i++)
        if (strcmp(watermark->datasets[i].name, dataset) == 0)
            return &watermark->datasets[i];
    return watermark->everywhere.value ? &watermark->everywhere : NULL;
}

int watermark_rewind(struct arena *arena, const char *text, const char *value, const char **out, struct err *err)
{
    struct watermark watermark;
    int rc = watermark_read(arena, text, &watermark, err);
    if (rc)
        return rc;
    if (watermark.everywhere.value)
        return err_set(err, ERR_INVALID, "the watermark was set by hand, and no batch has used it yet");
    watermark.from = value;
    *out = text ? watermark_write(arena, &watermark) : NULL;
    return 0;
}
