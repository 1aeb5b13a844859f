#include "store/object.h"

#include "base/crypto.h"
#include "model/origin.h"
#include "model/unit.h"
#include "pg/copy.h"
#include "sql.h"

/* Columns of the rows to close and to add, as the arrays that unnest takes. */
struct columns {
    struct arena *arena;
    size_t count;
    const char **items[3];
};

static struct columns columns_new(struct arena *arena, size_t cap)
{
    struct columns columns = {.arena = arena};
    for (size_t i = 0; i < 3; i++)
        columns.items[i] = arena_calloc(arena, cap, sizeof *columns.items[i]);
    return columns;
}

static struct pg_param column(const struct columns *columns, size_t i)
{
    return pg_text_array(columns->arena, columns->items[i], columns->count);
}

static void close_object(struct columns *gone, const struct object *object)
{
    gone->items[0][gone->count] = object_kind_names[object->kind];
    gone->items[1][gone->count++] = object->name;
}

/* A field of COPY's text form; the separator before it. */
static void copy_text(struct buf *out, char before, const char *text, size_t len)
{
    const char *end = text + len;
    buf_addc(out, before);
    while (text < end) {
        const char *at = text;
        while (at < end && *at != '\\' && *at != '\t' && *at != '\n' && *at != '\r')
            at++;
        buf_add(out, text, (size_t)(at - text));
        if (at == end)
            return;
        buf_addc(out, '\\');
        buf_addc(out, *at == '\t' ? 't' : *at == '\n' ? 'n' : *at == '\r' ? 'r' : '\\');
        text = at + 1;
    }
}

static void copy_object(struct buf *out, const char *ecosystem, int version, const struct object *object)
{
    const char *path = object->place.path ? object->place.path : "", *kind = object_kind_names[object->kind];
    buf_adds(out, ecosystem);
    buf_addf(out, "\t%d\t%s\t%s", version, kind, object->name);
    copy_text(out, '\t', path, strlen(path));
    buf_addf(out, "\t%u\t%s", object->place.line, object->hash);
    copy_text(out, '\t', object->body.data, object->body.len);
    buf_addc(out, '\n');
}

/* So much is sent at once: what a large model's objects need is not in memory twice. */
enum { COPY_BYTES = 1 << 18 };

static int copy_objects(struct pg *pg, const char *ecosystem, int version, const struct object *const *fresh, size_t n,
                        struct err *err)
{
    struct buf out = {0};
    int rc = n ? pg_copy_in_begin(pg, sql_object_copy, -1, err) : 0;
    for (size_t i = 0; i < n && !rc; i++) {
        copy_object(&out, ecosystem, version, fresh[i]);
        if (out.len < COPY_BYTES && i + 1 < n)
            continue;
        rc = pg_copy_in_write(pg, buf_str(&out), err);
        buf_cut(&out, 0);
    }
    if (n && !rc)
        rc = pg_copy_in_end(pg, NULL, err);
    buf_dispose(&out);
    return rc;
}

/* One that another repository took over is another row, whatever it says. */
static bool same_object(const struct object *a, const struct object *b)
{
    return (a->data == b->data || strcmp(a->hash, b->hash) == 0) && origin_same(a->place.path, b->place.path);
}

static int apply_objects(struct pg *pg, struct arena *arena, const char *ecosystem, int version,
                         const struct model *from, const struct model *to, struct err *err)
{
    struct columns gone = columns_new(arena, from ? from->count : 0);
    const struct object **fresh = arena_calloc(arena, to->count, sizeof *fresh);
    size_t n = 0, i = 0, j = 0, before = from ? from->count : 0;
    while (i < before || j < to->count) {
        const struct object *old = i < before ? &from->objects[i] : NULL, *now = j < to->count ? &to->objects[j] : NULL;
        int order = !old ? 1 : !now ? -1 : object_compare(old, now);
        i += order <= 0;
        j += order >= 0;
        if (order == 0 && same_object(old, now))
            continue;
        if (order <= 0)
            close_object(&gone, old);
        if (order >= 0)
            fresh[n++] = now;
    }
    int rc = 0;
    if (gone.count)
        rc = pg_query(pg, arena, sql_object_close, PG_NONE, NULL, err, PG_TEXT(ecosystem), pg_int(arena, version),
                      column(&gone, 0), column(&gone, 1));
    return rc ? rc : copy_objects(pg, ecosystem, version, fresh, n, err);
}

static bool same_file(const struct model_file *a, const struct model_file *b)
{
    return a && b && str_eq(a->data, b->data);
}

static void add_file(struct columns *fresh, const struct model_file *file)
{
    size_t i = fresh->count++;
    char hash[SHA256_HEX_SIZE];
    crypto_sha256_hex(file->data, hash);
    char *hex = arena_alloc(fresh->arena, 2 * file->data.len + 3);
    memcpy(hex, "\\x", 2);
    crypto_hex((const unsigned char *)file->data.data, file->data.len, hex + 2);
    fresh->items[0][i] = file->path;
    fresh->items[1][i] = arena_strdup(fresh->arena, hash);
    fresh->items[2][i] = hex;
}

static int apply_files(struct pg *pg, struct arena *arena, const char *ecosystem, int version, const struct model *from,
                       const struct model *to, struct err *err)
{
    struct columns gone = columns_new(arena, from ? from->files.len : 0), fresh = columns_new(arena, to->files.len);
    if (from) {
        map_each(entry, &from->files)
        {
            const struct model_file *old = entry->value;
            if (!same_file(old, map_get(&to->files, entry->key)))
                gone.items[0][gone.count++] = old->path;
        }
    }
    map_each(entry, &to->files)
    {
        const struct model_file *now = entry->value;
        if (!from || !same_file(now, map_get(&from->files, entry->key)))
            add_file(&fresh, now);
    }
    int rc = 0;
    if (gone.count)
        rc = pg_query(pg, arena, sql_file_close, PG_NONE, NULL, err, PG_TEXT(ecosystem), pg_int(arena, version),
                      column(&gone, 0));
    if (!rc && fresh.count)
        rc = pg_query(pg, arena, sql_file_add, PG_NONE, NULL, err, PG_TEXT(ecosystem), pg_int(arena, version),
                      column(&fresh, 0), column(&fresh, 1), column(&fresh, 2));
    return rc;
}

int object_apply(struct pg *pg, struct arena *arena, const char *ecosystem, int version, const struct model *from,
                 const struct model *to, struct err *err)
{
    int rc = apply_objects(pg, arena, ecosystem, version, from, to, err);
    return rc ? rc : apply_files(pg, arena, ecosystem, version, from, to, err);
}

/* A version as it is read: what came since the former one, and what went. */
struct loading {
    struct pg *pg;
    struct arena *scratch; /* the rows, which the model outlives */
    const char *ecosystem;
    int version, former; /* 0: none */
    struct model_step step;
    vec(struct unit *) fresh;
};

static int query(struct loading *l, const char *sql, struct pg_rows *rows, struct err *err)
{
    return pg_query(l->pg, l->scratch, sql, PG_MANY, rows, err, PG_TEXT(l->ecosystem), pg_int(l->scratch, l->version),
                    pg_int(l->scratch, l->former));
}

static int load_files(struct loading *l, struct err *err)
{
    struct pg_rows rows;
    int rc = query(l, sql_file_load, &rows, err);
    for (size_t i = 0; !rc && i < rows.count; i++)
        *vec_push(l->scratch, &l->fresh) = unit_of_file(pg_text(&rows, i, 0), pg_bytes(l->scratch, &rows, i, 1));
    return rc;
}

static int parse_kind(const struct loading *l, const char *text, enum object_kind *kind, struct err *err)
{
    if (object_kind_parse(text, kind))
        return 0;
    return err_set(err, ERR_INTERNAL, "version %d of ecosystem %s holds an object of unknown kind %s", l->version,
                   l->ecosystem, text);
}

static int load_objects(struct loading *l, struct err *err)
{
    struct pg_rows rows;
    int rc = query(l, sql_object_load, &rows, err);
    if (rc)
        return rc;
    struct model_body *bodies = arena_calloc(l->scratch, rows.count, sizeof *bodies);
    for (size_t i = 0; i < rows.count; i++) {
        if (parse_kind(l, pg_text(&rows, i, 0), &bodies[i].kind, err) != 0)
            return -err->code;
        bodies[i].name = pg_text(&rows, i, 1);
        bodies[i].place.path = pg_text(&rows, i, 2);
        bodies[i].place.line = (unsigned)pg_integer(&rows, i, 3);
        bodies[i].body = pg_str(&rows, i, 4);
    }
    struct unit *unit;
    rc = unit_of_bodies(bodies, rows.count, &unit, err);
    if (!rc)
        *vec_push(l->scratch, &l->fresh) = unit;
    return rc;
}

static int load_gone(struct loading *l, struct err *err)
{
    struct pg_rows rows;
    int rc = query(l, sql_object_gone, &rows, err);
    if (rc)
        return rc;
    l->step.gone = arena_calloc(l->scratch, rows.count, sizeof *l->step.gone);
    for (size_t i = 0; i < rows.count; i++) {
        if (parse_kind(l, pg_text(&rows, i, 0), &l->step.gone[i].kind, err) != 0)
            return -err->code;
        l->step.gone[i].name = pg_text(&rows, i, 1);
    }
    l->step.gone_count = rows.count;
    if ((rc = query(l, sql_file_gone, &rows, err)) != 0)
        return rc;
    const char **paths = arena_calloc(l->scratch, rows.count, sizeof *paths);
    for (size_t i = 0; i < rows.count; i++)
        paths[i] = pg_text(&rows, i, 0);
    l->step.gone_files = paths;
    l->step.gone_file_count = rows.count;
    return 0;
}

int object_load(struct pg *pg, struct arena *arena, const char *ecosystem, int version, const struct model *former,
                int former_version, struct model **out, struct err *err)
{
    struct loading l = {.pg = pg,
                        .scratch = arena_new(),
                        .ecosystem = ecosystem,
                        .version = version,
                        .former = former ? former_version : 0,
                        .step = {.former = former}};
    int rc = former ? load_gone(&l, err) : 0;
    if (!rc)
        rc = load_objects(&l, err);
    if (!rc)
        rc = load_files(&l, err);
    l.step.fresh = l.fresh.items;
    l.step.fresh_count = l.fresh.len;
    if (!rc)
        *out = model_after(arena, &l.step);
    vec_each(unit, &l.fresh) unit_release(*unit);
    arena_free(l.scratch);
    return rc;
}
