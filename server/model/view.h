#ifndef YELLOW_MODEL_VIEW_H
#define YELLOW_MODEL_VIEW_H

#include "model/job.h"

/* What workspaces read (DOMAIN.md section 10): one view for each group and sink on each data platform that carries it.
 */
struct view {
    const char *psp, *platform;
    enum milestoning milestoning;
    const char *workspace, *group;
    const char *store, *dataset;
};

struct views {
    struct view *items;
    size_t count;
}; /* sorted by platform, workspace, group, store, dataset; each once */

/* Groups that fit a platform, and on a platform where a workspace's transformer runs, all of its groups: it reads them
 * there. Each filter may be NULL: any. jobs are the model's own. Texts are those of the model. */
struct view_filter {
    const char *psp, *platform, *store, *dataset;
};
struct views model_views(struct arena *arena, const struct model *model, const struct jobs *jobs,
                         const struct view_filter *filter);

#endif
