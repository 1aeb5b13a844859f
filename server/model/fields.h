#ifndef YELLOW_MODEL_FIELDS_H
#define YELLOW_MODEL_FIELDS_H

#include "model/model.h"
#include "model/scalar.h"

/* The shape of every struct of model.h, as data. The loader, the canonical JSON, the plan, the documentation and the
 * published schemas all run off these tables; nothing else knows a key of the format. */
enum field_type {
    FIELD_KIND,   /* the document's kind; no member */
    FIELD_TEXT,   /* const char *, of the syntax `scalar` */
    FIELD_BOOL,   /* bool */
    FIELD_INT,    /* int64_t within min and max */
    FIELD_ENUM,   /* an enum, or a bool when there are two values; the number is the index into values */
    FIELD_TEXTS,  /* struct texts, each of the syntax `scalar` */
    FIELD_STRUCT, /* a struct in place, by `sub` */
    FIELD_LIST,   /* vec(struct), each by `sub` */
    FIELD_JSON,   /* json_t *, an object */
};

/* Names that differ in a model and are the same in SQL (case) or Kubernetes (case, and _ is -). */
enum fold { FOLD_NONE, FOLD_CASE, FOLD_NAME };

struct table;

struct field {
    const char *key;
    enum field_type type;
    size_t offset;
    const char *doc;
    enum scalar scalar;
    const struct table *sub;
    const char *const *values; /* FIELD_ENUM, or FIELD_TEXT with a fixed list; ends with NULL */
    size_t size;               /* FIELD_ENUM: of the member */
    int64_t initial;           /* the value when the key is left out: FIELD_BOOL, FIELD_INT, FIELD_ENUM */
    const char *initial_text;  /* the same for FIELD_TEXT */
    int64_t min, max;          /* FIELD_INT */
    size_t present;            /* 1 + offset of a bool that says whether the key is there; 0: there is none */
    bool required;
    unsigned only, needed; /* bit sets of the table's `by` field: where the key may and must be; only 0: everywhere */
};

struct table {
    const char *name; /* of one such thing, for people: "dataset" */
    const char *doc;
    const struct field *fields; /* sorted by key in byte order: the order of canonical JSON */
    size_t len, size;
    size_t place;   /* 1 + offset of its struct place; 0: there is none */
    const char *by; /* key of the FIELD_ENUM that decides which other keys apply */
    const char
        *id[5]; /* keys whose texts name an item among its like; NULL: items are known by their place in the list */
    bool id_labelled; /* the id says which key each text is of: "store=customers,platform=YellowLive" */
    enum fold fold;   /* how two ids become one name elsewhere */
    bool dense;       /* there are very many: places of single values are not kept */
    bool open;        /* the whole document is kept as a JSON tree (struct definition) */
};

/* The table of a kind of document. */
extern const struct table *const object_tables[OBJECT_KIND_COUNT];
extern const struct table resources_table;

extern const char *const container_type_names[],
    *const credential_type_names[],
        *const capture_type_names[],
            *const consistency_names[], *const milestoning_names[], *const priority_names[], *const code_type_names[],
                                                                                                 *const latency_names[];

/* NULL when the table has no such key. */
const struct field *field_find(const struct table *table, struct str key);
/* Sets what a struct holds when no key is given; the memory is zeroed already. */
void fields_init(const struct table *table, void *base);

/* The member as what its type says. */
static inline void *field_at(const struct field *field, void *base)
{
    return (char *)base + field->offset;
}
static inline const void *field_in(const struct field *field, const void *base)
{
    return (const char *)base + field->offset;
}
/* A list of any struct: its first item and count. */
struct items {
    char *items;
    size_t len;
};
struct items field_items(const struct field *field, const void *base);
void field_set_items(const struct field *field, void *base, void *items, size_t len);
static inline const char *field_text(const struct field *field, const void *base)
{
    const char *text;
    memcpy(&text, field_in(field, base), sizeof text);
    return text;
}
/* FIELD_BOOL, FIELD_INT, FIELD_ENUM */
static inline int64_t field_number(const struct field *field, const void *base)
{
    if (field->type == FIELD_INT) {
        int64_t number;
        memcpy(&number, field_in(field, base), sizeof number);
        return number;
    }
    if (field->type == FIELD_BOOL || field->size == sizeof(bool)) {
        bool flag;
        memcpy(&flag, field_in(field, base), sizeof flag);
        return flag;
    }
    unsigned number;
    memcpy(&number, field_in(field, base), sizeof number);
    return number;
}
void field_set_number(const struct field *field, void *base, int64_t number);
/* Whether the key is said to be there, for a field with `present`; true for others. */
bool field_present(const struct field *field, const void *base);
/* What names an item of a list: "people", "customers.people"; NULL when its table has no id or the keys are
 * absent. A copy on the arena where several keys make it. */
const char *fields_id(struct arena *arena, const struct table *table, const void *base);

#endif
