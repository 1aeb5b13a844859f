# Tests of server/cli
check_PROGRAMS += check_cli
check_cli_SOURCES = \
	tests/cli/command.c \
	tests/cli/config.c \
	tests/cli/ecosystem.c \
	tests/cli/options.c \
	tests/cli/serve.c \
	tests/cli/template.c \
	tests/pg/cluster.c tests/pg/cluster.h
check_cli_CPPFLAGS = $(CHECK_CPPFLAGS)
check_cli_CFLAGS = $(CHECK_CFLAGS)
check_cli_LDADD = $(CHECK_LIBS)
