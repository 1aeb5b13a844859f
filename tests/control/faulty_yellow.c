/* `yellow` whose processes die, stand still or lose a connection at the n-th call of libpq of one kind of work: what
 * tests/e2e/replicas.py starts instead of the real one. Nothing else differs.
 *
 * FAULTS names a file of a struct board, which all replicas share: the test arms a slot there while they run, and the
 * one that comes to the point is struck. FAULTS_REPLICA says which one this is. The linker puts these functions before
 * the real ones (--wrap). */

#include "base/arena.h"
#include "cli/command.h"
#include "control/commit.h"
#include "control/inbox.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* tests/e2e/lib/replicas.py knows the numbers. */
enum work { WORK_ANY, WORK_RECEIVE, WORK_CLAIM, WORK_COMMIT, WORK_GIVE_BACK, WORK_EXPIRE };
enum action { ACTION_KILL, ACTION_KILL_REPLICA, ACTION_STOP, ACTION_STOP_REPLICA, ACTION_CUT };

enum { SERVE, WORK, ROLES };

struct board {
    struct slot {
        _Atomic int64_t armed, work, at, action, points,
            struck; /* struck: the process, negative when it went on; 0: none */
    } slots[ROLES];
    _Atomic int64_t pids[2][ROLES];
};

static struct slot *slot; /* NULL: neither of the two */
static bool is_serve;
static _Thread_local enum work doing;

static void strike(enum action action, PGconn *conn)
{
    pid_t other = getppid();
    switch (action) {
    case ACTION_KILL_REPLICA: /* of a server that dies the worker dies at once */
        if (!is_serve)
            (void)kill(other, SIGKILL);
        (void)raise(SIGKILL);
        return;
    case ACTION_KILL:
        (void)raise(SIGKILL);
        return;
    case ACTION_STOP_REPLICA: /* the test stops the worker of a server */
        if (!is_serve)
            (void)kill(other, SIGSTOP);
        (void)raise(SIGSTOP);
        return;
    case ACTION_STOP:
        (void)raise(SIGSTOP);
        return;
    case ACTION_CUT:
        (void)shutdown(PQsocket(conn), SHUT_RDWR);
        return;
    }
}

static void fault_point(PGconn *conn)
{
    if (!slot || !slot->armed || (slot->work != WORK_ANY && slot->work != (int64_t)doing))
        return;
    if (atomic_fetch_add(&slot->points, 1) + 1 != slot->at)
        return;
    /* the test that disarms it sees who is about to be struck, or it is disarmed */
    int64_t armed = 1, self = getpid();
    slot->struck = self;
    if (!atomic_compare_exchange_strong(&slot->armed, &armed, 0)) {
        slot->struck = 0;
        return;
    }
    strike((enum action)slot->action, conn);
    (void)atomic_compare_exchange_strong(&slot->struck, &self, -self); /* it goes on */
}

/* Before a statement is sent; when it is on its way; when its answer has come. */
#define WRAP_SEND(name, parameters, arguments)                                                                         \
    int __real_##name parameters;                                                                                      \
    int __wrap_##name parameters;                                                                                      \
    int __wrap_##name parameters                                                                                       \
    {                                                                                                                  \
        fault_point(c);                                                                                                \
        int sent = __real_##name arguments;                                                                            \
        fault_point(c);                                                                                                \
        return sent;                                                                                                   \
    }

WRAP_SEND(PQsendQuery, (PGconn * c, const char *q), (c, q))
WRAP_SEND(PQsendQueryParams,
          (PGconn * c, const char *q, int n, const Oid *t, const char *const *v, const int *l, const int *f, int r),
          (c, q, n, t, v, l, f, r))
WRAP_SEND(PQsendPrepare, (PGconn * c, const char *s, const char *q, int n, const Oid *t), (c, s, q, n, t))
WRAP_SEND(PQsendQueryPrepared,
          (PGconn * c, const char *s, int n, const char *const *v, const int *l, const int *f, int r),
          (c, s, n, v, l, f, r))

PGresult *__real_PQgetResult(PGconn *c);
PGresult *__wrap_PQgetResult(PGconn *c);
PGresult *__wrap_PQgetResult(PGconn *c)
{
    PGresult *result = __real_PQgetResult(c);
    if (result)
        fault_point(c);
    return result;
}

/* Kinds of work, by the function that does it. */
#define WRAP_WORK(kind, name, parameters, arguments)                                                                   \
    int __real_##name parameters;                                                                                      \
    int __wrap_##name parameters;                                                                                      \
    int __wrap_##name parameters                                                                                       \
    {                                                                                                                  \
        enum work former = doing;                                                                                      \
        doing = kind;                                                                                                  \
        int rc = __real_##name arguments;                                                                              \
        doing = former;                                                                                                \
        return rc;                                                                                                     \
    }

WRAP_WORK(WORK_RECEIVE, inbox_receive,
          (struct pg_pool * p, struct arena *a, const struct inbox_webhook *w, int64_t *i, bool *f, struct err *e),
          (p, a, w, i, f, e))
WRAP_WORK(WORK_CLAIM, delivery_claim,
          (struct pg * p, struct arena *a, const char *b, int64_t l, struct delivery_claim *c, bool *f, struct err *e),
          (p, a, b, l, c, f, e))
WRAP_WORK(WORK_COMMIT, commit_process,
          (const struct commit_service *s, struct arena *a, const struct delivery_claim *c, struct err *e),
          (s, a, c, e))
WRAP_WORK(WORK_GIVE_BACK, delivery_release,
          (struct pg * p, struct arena *a, const struct delivery_claim *c, int64_t d, const char *r, struct err *e),
          (p, a, c, d, r, e))
WRAP_WORK(WORK_EXPIRE, delivery_expire, (struct pg * p, struct arena *a, int l, struct err *e), (p, a, l, e))

static void find_slot(int argc, char **argv)
{
    const char *path = getenv("FAULTS"), *replica = getenv("FAULTS_REPLICA");
    is_serve = argc > 1 && strcmp(argv[1], "serve") == 0;
    if (!path || !replica || argc < 2 || (!is_serve && strcmp(argv[1], "work") != 0))
        return;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void *memory = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED)
        abort();
    struct board *board = memory;
    slot = &board->slots[is_serve ? SERVE : WORK];
    board->pids[*replica == '1'][is_serve ? SERVE : WORK] = getpid();
}

int main(int argc, char **argv)
{
    arena_keep_pages();
    find_slot(argc, argv);
    return command_main(argc, argv);
}
