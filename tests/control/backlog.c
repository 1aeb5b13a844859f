#include "control/backlog.h"

#include "control/flow.h"
#include "http/metrics.h"

#include <criterion/criterion.h>

Test(backlog, what_waits_is_shown_as_a_metric)
{
    struct flow flow;
    flow_init(&flow);
    struct buf *text = buf_new(flow.arena);
    flow_receive_push(&flow, flow_push(&flow, NULL));
    cr_assert_eq(backlog_measure(flow.pool, &flow.err), 0, "%s", flow.err.text);
    metrics_write(text);
    cr_assert_not_null(strstr(buf_text(text), "\nyellow_deliveries_waiting 1\n"));
    flow_work(&flow);
    cr_assert_eq(backlog_measure(flow.pool, &flow.err), 0, "%s", flow.err.text);
    buf_cut(text, 0);
    metrics_write(text);
    cr_assert_not_null(strstr(buf_text(text), "\nyellow_deliveries_waiting 0\n"));
    flow_dispose(&flow);
}
