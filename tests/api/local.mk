# Tests of server/api: sources += tests/api/NAME.c, one a module, mirroring it
check_PROGRAMS += check_api
check_api_SOURCES = tests/pg/cluster.c tests/pg/cluster.h tests/git/kit.c tests/git/kit.h \
	tests/control/flow.c tests/control/flow.h \
	tests/api/approvals.c \
	tests/api/ask.c tests/api/ask.h \
	tests/api/contract.c \
	tests/api/deliveries.c \
	tests/api/ecosystems.c \
	tests/api/holds.c \
	tests/api/objects.c \
	tests/api/plans.c \
	tests/api/reading.c \
	tests/api/stacks.c \
	tests/api/tenants.c \
	tests/api/webhooks.c
check_api_CPPFLAGS = $(CHECK_CPPFLAGS) -DTEST_FETCHER='"$(abs_top_builddir)/test_git_fetch"'
EXTRA_check_api_DEPENDENCIES = test_git_fetch$(EXEEXT)
check_api_CFLAGS = $(CHECK_CFLAGS)
check_api_LDADD = $(CHECK_LIBS)
