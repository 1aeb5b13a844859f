#ifndef YELLOW_INGEST_PSP_VIEWS_H
#define YELLOW_INGEST_PSP_VIEWS_H

#include "ingest/view.h"

/* All views of a PSP, as the server gave them (GET .../psps/{psp}/views). On the arena it was read with. */
struct psp_views {
    const struct container *merge;
    const struct credential *merge_credential; /* NULL: none */
    struct {
        const char *platform;
        struct view_scope scope;
    } * platforms;
    size_t platform_count;
};
int psp_views_read(struct arena *arena, const json_t *body, struct psp_views *out, struct err *err);

#endif
