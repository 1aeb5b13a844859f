#include "http/metrics.h"

#include <criterion/criterion.h>

METRIC_COUNTER(apples, "test_fruit_total", "Fruit seen.", "kind=\"apple\"");
METRIC_COUNTER(pears, "test_fruit_total", "Fruit seen.", "kind=\"pear\"");
METRIC_GAUGE(level, "test_level", "How full.", "");
METRIC_HISTOGRAM(time_taken, "test_seconds", "How long.", "");

Test(metrics, are_written_in_the_text_format_by_name_and_labels)
{
    metric_add(&pears, 2);
    metric_add(&apples, 40);
    metric_set(&level, -3);
    metric_observe_us(&time_taken, 100);
    metric_observe_us(&time_taken, 1500);
    metric_observe_us(&time_taken, 60000000);
    struct buf out = {0};
    metrics_write(&out);
    cr_assert(strstr(buf_text(&out), "# HELP test_fruit_total Fruit seen.\n# TYPE test_fruit_total counter\n"
                                     "test_fruit_total{kind=\"apple\"} 40\ntest_fruit_total{kind=\"pear\"} 2\n"));
    cr_assert(strstr(buf_text(&out), "# HELP test_level How full.\n# TYPE test_level gauge\ntest_level -3\n"));
    cr_assert(strstr(buf_text(&out), "# TYPE test_seconds histogram\ntest_seconds_bucket{le=\"0.000100\"} 1\n"
                                     "test_seconds_bucket{le=\"0.000250\"} 1\n"));
    cr_assert(strstr(buf_text(&out), "test_seconds_bucket{le=\"0.002500\"} 2\n"));
    cr_assert(strstr(buf_text(&out), "test_seconds_bucket{le=\"10.000000\"} 2\n"
                                     "test_seconds_bucket{le=\"+Inf\"} 3\n"
                                     "test_seconds_sum 60.001600\ntest_seconds_count 3\n"));
    buf_dispose(&out);
}
