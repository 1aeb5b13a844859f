#include "control/backlog.h"

#include "http/metrics.h"
#include "store/delivery.h"

METRIC_GAUGE(waiting, "yellow_deliveries_waiting", "Deliveries without an outcome yet.", "");
METRIC_GAUGE(oldest, "yellow_deliveries_oldest_seconds", "Age of the oldest of them.", "");

int backlog_measure(struct pg_pool *pool, struct err *err)
{
    struct arena *arena = arena_new();
    struct pg *pg = NULL;
    int64_t count, age;
    int rc = pg_pool_take(pool, &pg, err);
    if (!rc)
        rc = delivery_backlog(pg, arena, &count, &age, err);
    pg_pool_give(pool, pg);
    arena_free(arena);
    if (rc)
        return rc;
    metric_set(&waiting, count);
    metric_set(&oldest, age);
    return 0;
}
