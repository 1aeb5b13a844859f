check_PROGRAMS += check_git
check_git_SOURCES = tests/git/url.c tests/git/clone.c tests/git/tree.c tests/git/fetch.c tests/git/https.c tests/git/ssh.c tests/git/kit.c tests/git/kit.h
check_git_CPPFLAGS = $(CHECK_CPPFLAGS) -DTEST_FETCHER='"$(abs_top_builddir)/test_git_fetch"'
EXTRA_check_git_DEPENDENCIES = test_git_fetch$(EXEEXT)
check_git_CFLAGS = $(CHECK_CFLAGS)
check_git_LDADD = $(CHECK_LIBS)

# The child of a fetch as a program of its own, so that the floor is tested without the ones above it.
noinst_PROGRAMS += test_git_fetch
test_git_fetch_SOURCES = tests/git/fetch_main.c
test_git_fetch_LDADD = $(YELLOW_LIBS)
