#include "support.h"

#include "model/body.h"

/* A small generator, seeded: the same models on every run. */
static uint64_t next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static const char *sample(enum scalar scalar, uint64_t *state)
{
    static const char *const samples[SCALAR_COUNT][3] = {
        [SCALAR_TEXT] = {"a \\\"b\\\" \\\\ c", "\xc3\xa9\xe2\x82\xac", "yes"},
        [SCALAR_RAW] = {"\\t", "", "\\x01\\n"},
        [SCALAR_NAME] = {"a", "B_c-9", "on"},
        [SCALAR_IDENTIFIER] = {"id", "Key of all", "\xc3\xa4"},
        [SCALAR_QUANTITY] = {"500m", "1e3", "1.5Gi"},
        [SCALAR_DURATION] = {"5m", "1d", "90s"},
        [SCALAR_SCHEDULE] = {"external", "* * * * *", "0 1 * * MON"},
        [SCALAR_TRIGGER] = {"inputs", "* * * * *", "0 1 * * MON"},
        [SCALAR_DATATYPE] = {"int64", "decimal( 3, 1)", "array<varchar(2)>"},
        [SCALAR_TEAM] = {"usa/sales", "a/b", "c/d"},
        [SCALAR_LOCATION] = {"V:A", "V:A/B", "W:C"},
        [SCALAR_LOCATION_PATH] = {"A", "A/B", "C d"},
        [SCALAR_LABEL] = {"a", "b-c", "9"},
        [SCALAR_SUBDOMAIN] = {"a.b", "c", "d-e.f"},
        [SCALAR_HOST] = {"db.example.net", "10.0.0.1", "::1"},
        [SCALAR_URL] = {"https://a.b/c?d=e", "http://x", "https://[::1]:80/"},
        [SCALAR_POINTER] = {"", "/a/b", "/a~1b"},
        [SCALAR_PATH] = {"a.sql", "a/b.sql", "c d"},
        [SCALAR_STREAM] = {"a", "a.b", "C.d_e"},
        [SCALAR_IMAGE] = {"r/y:1", "a@sha256:00", "x"},
        [SCALAR_TIMEZONE] = {"UTC", "Europe/Dublin", "America/Argentina/Buenos_Aires"},
    };
    return samples[scalar][next(state) % 3];
}

/* Writes the struct in flow style with each optional key there or not. */
static void write_struct(struct buf *out, const struct table *table, uint64_t *state);

static void write_value(struct buf *out, const struct field *field, uint64_t *state, int64_t choice)
{
    size_t count = next(state) % 3, values = 0;
    switch (field->type) {
    case FIELD_KIND:
        break;
    case FIELD_BOOL:
        buf_adds(out, next(state) % 2 ? "true" : "false");
        break;
    case FIELD_INT:
        buf_addf(out, "%lld", (long long)(field->min + (int64_t)(next(state) % 1000)));
        break;
    case FIELD_ENUM:
    case FIELD_TEXT:
        while (field->values && field->values[values])
            values++;
        if (values)
            buf_adds(out, field->values[choice >= 0 ? (size_t)choice : next(state) % values]);
        else
            buf_addf(out, "\"%s\"", sample(field->scalar, state));
        break;
    case FIELD_TEXTS:
        buf_addc(out, '[');
        for (size_t i = 0; i < count; i++)
            buf_addf(out, "%s\"%s\"", i ? ", " : "", sample(field->scalar, state));
        buf_addc(out, ']');
        break;
    case FIELD_STRUCT:
        write_struct(out, field->sub, state);
        break;
    case FIELD_LIST:
        buf_addc(out, '[');
        for (size_t i = 0; i < count; i++) {
            buf_adds(out, i ? ", " : "");
            write_struct(out, field->sub, state);
        }
        buf_addc(out, ']');
        break;
    case FIELD_JSON:
        buf_adds(out, "{b: [1, -0.1, 1e300, null, {c: \"\\x02\"}], a: false}");
        break;
    }
}

static void write_struct(struct buf *out, const struct table *table, uint64_t *state)
{
    const struct field *by = table->by ? field_find(table, str_from(table->by)) : NULL;
    int64_t choice = 0;
    for (size_t values = 0; by && by->values[values]; values++)
        if (next(state) % (values + 1) == 0)
            choice = (int64_t)values;
    buf_addc(out, '{');
    const char *comma = "";
    for (size_t i = 0; i < table->len; i++) {
        const struct field *field = &table->fields[i];
        bool misplaced = field->only && !(field->only >> choice & 1);
        if (field->type == FIELD_KIND || misplaced)
            continue;
        if (!field->required && !(field->needed >> choice & 1 && by) && next(state) % 2)
            continue;
        buf_addf(out, "%s%s: ", comma, field->key);
        comma = ", ";
        write_value(out, field, state, field == by ? choice : -1);
    }
    buf_addc(out, '}');
}

Test(roundtrip, any_model_comes_back_from_its_bodies_byte_for_byte)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        uint64_t state = seed;
        struct buf text = {0};
        for (int kind = 0; kind < OBJECT_COMPONENT; kind++) {
            struct buf body = {0};
            write_struct(&body, object_tables[kind], &state);
            buf_addf(&text, "--- {kind: %s, %s\n", object_kind_names[kind], buf_text(&body) + 1);
            buf_dispose(&body);
        }
        struct fixture f = support_load(buf_text(&text), NULL);
        cr_assert_eq(f.findings.list.len, 0, "seed %llu: %s in %s", (unsigned long long)seed,
                     f.findings.list.len ? f.findings.list.items[0].text : "", buf_text(&text));
        cr_assert_eq(f.model->count, OBJECT_COMPONENT);
        struct model_body bodies[OBJECT_KIND_COUNT];
        for (size_t i = 0; i < f.model->count; i++)
            bodies[i] = (struct model_body){f.model->objects[i].kind, f.model->objects[i].name,
                                            f.model->objects[i].place, f.model->objects[i].body};
        struct model *again;
        struct err err = {0};
        cr_assert_eq(model_from_bodies(f.arena, bodies, f.model->count, &again, &err), 0, "seed %llu: %s",
                     (unsigned long long)seed, err.text);
        for (size_t i = 0; i < f.model->count; i++) {
            struct buf out = {0};
            body_write(&out, again->objects[i].kind, again->objects[i].data);
            cr_assert_str_eq(buf_text(&out), f.model->objects[i].body.data);
            json_t *json;
            cr_assert_eq(json_read(f.arena, f.model->objects[i].body, &json, &err), 0, "%s", err.text);
            buf_cut(&out, 0);
            json_write_canonical(&out, json);
            cr_assert_str_eq(buf_text(&out), f.model->objects[i].body.data);
            buf_dispose(&out);
        }
        support_end(&f);
        buf_dispose(&text);
    }
}
