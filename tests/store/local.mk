# Tests of server/store, on a PostgreSQL of the program's own.
check_PROGRAMS += check_store
check_store_SOURCES = tests/pg/cluster.c tests/pg/cluster.h \
	tests/store/delivery.c \
	tests/store/ecosystem.c \
	tests/store/idempotency.c \
	tests/store/job.c tests/store/job_kit.c tests/store/job_kit.h \
	tests/store/sql.c \
	tests/store/token.c
check_store_CPPFLAGS = $(CHECK_CPPFLAGS)
check_store_CFLAGS = $(CHECK_CFLAGS)
check_store_LDADD = $(CHECK_LIBS)
