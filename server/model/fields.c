#include "model/fields.h"

const struct field *field_find(const struct table *table, struct str key)
{
    for (size_t i = 0; i < table->len; i++) { /* keys are short: no call is worth its price */
        const char *have = table->fields[i].key;
        size_t n = 0;
        while (n < key.len && have[n] == key.data[n] && have[n])
            n++;
        if (n == key.len && !have[n])
            return &table->fields[i];
    }
    return NULL;
}

void field_set_number(const struct field *field, void *base, int64_t number)
{
    if (field->type == FIELD_INT) {
        memcpy(field_at(field, base), &number, sizeof number);
    } else if (field->type == FIELD_BOOL || field->size == sizeof(bool)) {
        bool flag = number != 0;
        memcpy(field_at(field, base), &flag, sizeof flag);
    } else {
        unsigned value = (unsigned)number;
        memcpy(field_at(field, base), &value, sizeof value);
    }
}

/* A vec(T) of any T, copied in and out so that no object is seen under a wrong type. */
struct any_vec {
    void *items;
    size_t len, cap;
};

struct items field_items(const struct field *field, const void *base)
{
    struct any_vec any;
    memcpy(&any, field_in(field, base), sizeof any);
    return (struct items){any.items, any.len};
}

void field_set_items(const struct field *field, void *base, void *items, size_t len)
{
    struct any_vec any = {items, len, len};
    memcpy(field_at(field, base), &any, sizeof any);
}

bool field_present(const struct field *field, const void *base)
{
    bool present = true;
    if (field->present)
        memcpy(&present, (const char *)base + field->present - 1, sizeof present);
    return present;
}

void fields_init(const struct table *table, void *base)
{
    for (size_t i = 0; i < table->len; i++) {
        const struct field *field = &table->fields[i];
        if (field->type == FIELD_STRUCT)
            fields_init(field->sub, field_at(field, base));
        else if (field->initial)
            field_set_number(field, base, field->initial);
        else if (field->initial_text)
            memcpy(field_at(field, base), &field->initial_text, sizeof field->initial_text);
    }
}

const char *fields_id(struct arena *arena, const struct table *table, const void *base)
{
    const char *id = NULL;
    for (size_t i = 0; i < sizeof table->id / sizeof *table->id && table->id[i]; i++) {
        const char *text = field_text(field_find(table, str_from(table->id[i])), base);
        if (!text)
            continue;
        if (table->id_labelled)
            id = arena_printf(arena, "%s%s%s=%s", id ? id : "", id ? "," : "", table->id[i], text);
        else
            id = id ? arena_printf(arena, "%s.%s", id, text) : text;
    }
    return id;
}
