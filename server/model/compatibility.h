#ifndef YELLOW_MODEL_COMPATIBILITY_H
#define YELLOW_MODEL_COMPATIBILITY_H

#include "model/checks.h"
#include "model/datatype.h"

/* Old consumers must keep working (DOMAIN.md section 4). */
enum effect { EFFECT_ALLOWED, EFFECT_WARNING, EFFECT_BREAKING };

/* Whether data of one type may become data of another under its readers: every value of `from` is one of `to` and is
 * read as the same. *why (may be NULL) says what is lost when it is breaking, or NULL. Equal types are allowed. */
enum effect datatype_change(const struct datatype *from, const struct datatype *to, const char **why);

/* What differs in a store for those who read it. */
struct compat_change {
    enum effect effect;
    enum check_code code; /* CHECK_BREAKING_...; CHECK_NOW_NULLABLE */
    const char *store, *dataset;
    const char *pointer; /* into the store, as diff_objects has it: "/datasets/people/columns/id/type" */
    const char *text;    /* names the dataset and says what changes */
    const char *why;     /* what it does to a reader */
    struct texts users;  /* workspaces that read the dataset in force, sorted by name */
    struct place place;  /* where it is now; of what goes, where it was */
};
struct compat_changes {
    struct compat_change *items;
    size_t len, cap;
    size_t breaking;
};

/* All changes of datasets in use that break their readers or are worth a warning, by store, in the order of the dataset
 * and its columns. In use is what a sink of `from` consumes, but for a workspace that reads what its own transformer
 * makes. from NULL: none. */
struct compat_changes compatibility_of(struct arena *arena, const struct model *from, const struct model *to);
/* Adds each as a finding: what breaks (approved: only what is a warning anyway), with users. plan is the id by which it
 * can be approved, or NULL. */
void compatibility_report(const struct compat_changes *changes, bool approved, const char *plan,
                          struct findings *findings);
/* The change at the pointer of a store, or NULL. */
const struct compat_change *compat_find(const struct compat_changes *changes, const char *store, const char *pointer);

#endif
