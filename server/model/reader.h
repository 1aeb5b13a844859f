#ifndef YELLOW_MODEL_READER_H
#define YELLOW_MODEL_READER_H

#include "base/yaml.h"
#include "model/fields.h"
#include "model/place.h"

/* Fills structs from trees, by the field tables. */
struct reader {
    struct arena *arena; /* of what is read; the tree may go afterwards */
    struct findings *findings;
    const char *path;
    struct places *places; /* NULL: not kept */
    bool stored;           /* reads what Yellow wrote: places are all `place` */
    struct place place;
};

/* base is zeroed memory of table->size. What is wrong goes to findings; the rest is filled. */
void reader_struct(struct reader *reader, const struct table *table, void *base, const struct yaml_node *node);
/* A tree as JSON; a new reference. */
json_t *reader_json(struct reader *reader, const struct yaml_node *node);
struct place reader_place(const struct reader *reader, const struct yaml_node *node);
/* `column "id"`, for texts. */
const char *reader_subject(const struct reader *reader, const struct table *table, const struct yaml_node *node);

#endif
