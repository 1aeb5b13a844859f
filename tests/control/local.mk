# Tests of server/control: sources += tests/control/NAME.c, one a module, mirroring it
check_PROGRAMS += check_control
check_control_SOURCES = tests/pg/cluster.c tests/pg/cluster.h tests/git/kit.c tests/git/kit.h \
	tests/control/commit.c \
	tests/control/crash.c tests/control/law.c \
	tests/control/flow.c tests/control/flow.h \
	tests/control/forge.c tests/control/forge_api.c tests/control/pull.c tests/control/reporter.c \
	tests/control/hold.c tests/control/poller.c tests/control/repositories.c \
	tests/control/backlog.c tests/control/inbox.c tests/control/instance.c \
	tests/control/secret.c \
	tests/control/snapshot.c
check_control_CPPFLAGS = $(CHECK_CPPFLAGS) -DTEST_FETCHER='"$(abs_top_builddir)/test_git_fetch"'
EXTRA_check_control_DEPENDENCIES = test_git_fetch$(EXEEXT)
check_control_CFLAGS = $(CHECK_CFLAGS)
check_control_LDADD = $(CHECK_LIBS)

# Runs, hints, status and tokens: no git needed.
check_PROGRAMS += check_jobs
check_jobs_SOURCES = tests/pg/cluster.c tests/pg/cluster.h tests/store/job_kit.c tests/store/job_kit.h \
	tests/api/jobs.c tests/http/drive.h \
	tests/control/auth.c \
	tests/control/hint.c \
	tests/control/operation.c \
	tests/control/run.c \
	tests/control/schedule_plan.c tests/control/scheduler.c \
	tests/control/status.c
check_jobs_CPPFLAGS = $(CHECK_CPPFLAGS)
check_jobs_CFLAGS = $(CHECK_CFLAGS)
check_jobs_LDADD = $(CHECK_LIBS)

# Not a test itself: the server that tests/e2e/replicas.py kills.
noinst_PROGRAMS += tests/e2e/faulty_yellow
tests_e2e_faulty_yellow_SOURCES = tests/control/faulty_yellow.c
tests_e2e_faulty_yellow_CPPFLAGS = $(CHECK_CPPFLAGS)
tests_e2e_faulty_yellow_CFLAGS = $(AM_CFLAGS) -Wno-missing-prototypes
tests_e2e_faulty_yellow_LDFLAGS = $(AM_LDFLAGS) $(addprefix -Wl$(comma)--wrap=,PQsendQuery PQsendQueryParams \
	PQsendPrepare PQsendQueryPrepared PQgetResult inbox_receive delivery_claim commit_process delivery_release \
	delivery_expire)
if LAZY_LIBRARIES
nodist_tests_e2e_faulty_yellow_SOURCES = gen/lazy.c
tests_e2e_faulty_yellow_LDADD = libyellow.a $(STATIC_LIBS)
else
tests_e2e_faulty_yellow_LDADD = $(YELLOW_LIBS)
endif
