#include "stack/diff.h"

#include "base/textdiff.h"
#include "stack/stack_json.h"
#include "stack/tree.h"

static const struct artifact *find(const struct stack *stack, const char *name)
{
    for (size_t i = 0; i < stack->count; i++)
        if (strcmp(stack->artifacts[i].name, name) == 0)
            return &stack->artifacts[i];
    return NULL;
}

static struct str text_of(const struct artifact *artifact)
{
    return artifact ? artifact->text : (struct str){"", 0};
}

static struct artifact_diff compare(struct arena *arena, const struct artifact *from, const struct artifact *to)
{
    struct artifact_diff diff = {.from = from, .to = to};
    const char *name = to ? to->name : from->name;
    struct buf *text = buf_new(arena);
    struct textdiff_count lines;
    textdiff_unified(arena, from ? arena_printf(arena, "a/%s", name) : "/dev/null", text_of(from),
                     to ? arena_printf(arena, "b/%s", name) : "/dev/null", text_of(to), text, &lines);
    diff.text = buf_str(text);
    diff.lines_added = lines.added;
    diff.lines_removed = lines.removed;
    if (from && to && strcmp(from->media_type, to->media_type) == 0)
        tree_compare(arena, to->media_type, from->text, to->text, &diff.paths, &diff.path_count);
    return diff;
}

void stack_diff_make(struct arena *arena, const struct stack *from, const struct stack *to, struct stack_diff *out)
{
    struct stack_diff diff = {.items = arena_calloc(arena, from->count + to->count, sizeof *diff.items)};
    for (size_t i = 0; i < to->count; i++) {
        const struct artifact *newer = &to->artifacts[i], *older = find(from, newer->name);
        if (older && strcmp(older->sha256, newer->sha256) == 0 && strcmp(older->media_type, newer->media_type) == 0)
            continue;
        diff.items[diff.len++] = compare(arena, older, newer);
        *(older ? &diff.changed : &diff.added) += 1;
    }
    for (size_t i = 0; i < from->count; i++) {
        if (find(to, from->artifacts[i].name))
            continue;
        diff.items[diff.len++] = compare(arena, &from->artifacts[i], NULL);
        diff.removed++;
    }
    memcpy(diff.from_sha256, from->sha256, sizeof diff.from_sha256);
    memcpy(diff.to_sha256, to->sha256, sizeof diff.to_sha256);
    *out = diff;
}

void stack_diff_write_text(const struct stack_diff *diff, struct buf *out)
{
    for (size_t i = 0; i < diff->len; i++)
        buf_add_str(out, diff->items[i].text);
}

static json_t *path_json(const struct stack_path *path)
{
    json_t *json = json_pack("{s:s?,s:s}", "object", path->object, "pointer", path->pointer);
    if (path->from)
        json_object_set(json, "from", (json_t *)(uintptr_t)path->from);
    if (path->to)
        json_object_set(json, "to", (json_t *)(uintptr_t)path->to);
    return json;
}

static json_t *version_json(const struct artifact *artifact)
{
    return json_pack("{s:I,s:s}", "bytes", (json_int_t)artifact->text.len, "sha256", artifact->sha256);
}

static json_t *changed_json(const struct artifact_diff *diff)
{
    json_t *paths = json_array();
    for (size_t i = 0; i < diff->path_count; i++)
        json_array_append_new(paths, path_json(&diff->paths[i]));
    return json_pack("{s:s,s:s,s:s,s:o,s:o,s:o,s:{s:I,s:I},s:o}", "name", diff->to->name, "component",
                     diff->to->component, "media_type", diff->to->media_type, "from", version_json(diff->from), "to",
                     version_json(diff->to), "paths", paths, "lines", "added", (json_int_t)diff->lines_added, "removed",
                     (json_int_t)diff->lines_removed, "text", json_stringn(diff->text.data, diff->text.len));
}

/* Without a stack there is no hash. */
static json_t *hash_json(const char *sha256)
{
    return json_text_or_null(*sha256 ? sha256 : NULL);
}

json_t *stack_diff_json(const struct stack_diff *diff)
{
    json_t *added = json_array(), *removed = json_array(), *changed = json_array();
    for (size_t i = 0; i < diff->len; i++) {
        const struct artifact_diff *item = &diff->items[i];
        if (item->from && item->to)
            json_array_append_new(changed, changed_json(item));
        else
            json_array_append_new(item->to ? added : removed, artifact_json(item->to ? item->to : item->from, true));
    }
    return json_pack("{s:{s:o},s:{s:o},s:{s:I,s:I,s:I},s:o,s:o,s:o}", "from", "sha256", hash_json(diff->from_sha256),
                     "to", "sha256", hash_json(diff->to_sha256), "summary", "added", (json_int_t)diff->added, "removed",
                     (json_int_t)diff->removed, "changed", (json_int_t)diff->changed, "added", added, "removed",
                     removed, "changed", changed);
}
