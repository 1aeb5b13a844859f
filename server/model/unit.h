#ifndef YELLOW_MODEL_UNIT_H
#define YELLOW_MODEL_UNIT_H

#include "model/model.h"
#include "model/reader.h"

/* What one file of a repository says, read once: immutable, and shared by all models that hold it by counted
 * references, from any thread. The same path and bytes always give the same unit, so whoever keeps units by path and
 * blob oid never reads a file twice. */
struct unit {
    const char *path;
    struct object *objects; /* in the order of their documents; each has its body and hash */
    struct place *names;    /* of each object's name */
    size_t count;
    const struct model_file *file; /* of what is no YAML; NULL for what is, and for a hidden file */
    struct findings reading;       /* what was wrong with its text */
    struct findings checked;       /* what is wrong with its objects, each by itself */
    struct places *places;         /* of single values */
    bool stored;                   /* made of stored bodies: nothing was checked, values have no places */
    size_t bytes;                  /* of memory, about */
    struct arena *arena;
    _Atomic unsigned references;
};

/* One reference, which the caller gives back with unit_release. data is copied where it is needed. */
struct unit *unit_read(const char *path, struct str data, const struct model_limits *limits);
struct unit *unit_retain(struct unit *unit);
void unit_release(struct unit *unit); /* NULL allowed */

/* What was stored, as one unit; ERR_INTERNAL when a body does not load. */
int unit_of_bodies(const struct model_body *bodies, size_t n, struct unit **out, struct err *err);

/* A file that is no YAML, as it was stored. */
struct unit *unit_of_file(const char *path, struct str data);

/* For those: a unit without anything, and what a document says as the struct of its kind. */
struct unit *unit_begin(const char *path);
void *unit_data(struct reader *reader, enum object_kind kind, const char *name, const struct yaml_node *document);

/* The model of these files, in the byte order of their paths; on the arena, with a reference to each unit until the
 * arena goes. What is wrong with reading the files, and with them together, goes to findings. */
struct model *model_of_units(struct arena *arena, struct unit *const *units, size_t n,
                             const struct model_limits *limits, struct findings *findings);

/* The other repositories of an ecosystem, as they are in force. */
struct model_others {
    const struct model *in_force;
    const char *prefix;         /* of the paths of the one that is read (model/origin.h); the rest is of the others */
    const struct owner *pusher; /* an object of another's that is the pusher's by now gives way to its own definition */
};
/* The same with what the others have in force; others may be NULL. An object that another one has is said to be there
 * twice. What only the others have was checked by itself before, and is not again. */
struct model *model_of_units_among(struct arena *arena, struct unit *const *units, size_t n,
                                   const struct model_others *others, const struct model_limits *limits,
                                   struct findings *findings);

/* The checks of single objects, which model_check does not repeat for a unit that has them. */
void model_check_alone(const struct model *model, struct findings *findings);

#endif
