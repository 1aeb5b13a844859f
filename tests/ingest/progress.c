#include "ingest/progress.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <poll.h>

static int readable(int fd)
{
    return poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0);
}

Test(progress, a_stop_wakes_every_wait_that_comes_and_keeps_its_first_reason)
{
    struct progress progress;
    struct err err = {0};
    cr_assert(eq(int, progress_init(&progress, &err), 0));
    cr_expect(eq(int, progress_check(&progress, &err), 0));
    cr_expect(eq(int, readable(progress.wake_fd), 0));
    progress_stop(&progress, "SIGTERM");
    progress_stop(&progress, "the lease was lost");
    cr_expect(eq(int, progress_check(&progress, &err), -ERR_CANCELLED));
    cr_expect(eq(str, err.text, "stopped: SIGTERM"));
    cr_expect(eq(int, readable(progress.wake_fd), 1));
    cr_expect(eq(int, readable(progress.wake_fd), 1));
    progress_dispose(&progress);
    cr_expect(eq(int, progress.wake_fd, -1));
}

Test(progress, each_phase_has_a_name)
{
    cr_expect(eq(str, (char *)phase_names[PHASE_CAPTURE], "capture"));
    for (int i = 0; i < PHASE_COUNT; i++)
        cr_expect(ne(ptr, (void *)phase_names[i], NULL));
}
