# Tests of server/pg. tests/pg/cluster.c gives any test program a PostgreSQL.
check_PROGRAMS += check_pg
check_pg_SOURCES = tests/pg/cluster.c tests/pg/cluster.h \
	tests/pg/copy.c \
	tests/pg/embedded.c \
	tests/pg/listen.c \
	tests/pg/migrate.c \
	tests/pg/pg.c \
	tests/pg/pool.c
check_pg_CPPFLAGS = $(CHECK_CPPFLAGS)
check_pg_CFLAGS = $(CHECK_CFLAGS)
check_pg_LDADD = $(CHECK_LIBS)
