# Tests of server/ingest, on a PostgreSQL of the program's own.
check_PROGRAMS += check_ingest
check_ingest_SOURCES = tests/pg/cluster.c tests/pg/cluster.h \
	tests/ingest/install.c \
	tests/ingest/naming.c \
	tests/ingest/order.c \
	tests/ingest/quarantine.c \
	tests/ingest/source_kit.c tests/ingest/source_kit.h \
	tests/ingest/sql_snapshot.c \
	tests/ingest/watermark.c
check_ingest_CPPFLAGS = $(CHECK_CPPFLAGS)
check_ingest_CFLAGS = $(CHECK_CFLAGS)
check_ingest_LDADD = $(CHECK_LIBS)

# The job.
check_ingest_SOURCES += \
	tests/ingest/canned.c tests/ingest/canned.h \
	tests/ingest/credential.c \
	tests/ingest/progress.c \
	tests/ingest/server.c \
	tests/ingest/view.c \
	tests/ingest/work.c

# Files and HTTP APIs.
check_ingest_SOURCES += \
	tests/ingest/capture_csv_s3.c \
	tests/ingest/capture_json_api.c \
	tests/ingest/capture_kit.c tests/ingest/capture_kit.h \
	tests/ingest/csv.c \
	tests/ingest/encode.c \
	tests/ingest/encode_property.c \
	tests/ingest/fit.c \
	tests/ingest/s3.c \
	tests/ingest/web.c tests/ingest/web.h

# The fuzz target over its seeds.
check_PROGRAMS += tests/fuzz/check_csv_seeds
tests_fuzz_check_csv_seeds_SOURCES = tests/fuzz/csv.c tests/fuzz/replay.c
tests_fuzz_check_csv_seeds_CPPFLAGS = $(AM_CPPFLAGS) -DYELLOW_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/csv"'
tests_fuzz_check_csv_seeds_CFLAGS = $(AM_CFLAGS) -Wno-missing-prototypes
tests_fuzz_check_csv_seeds_LDADD = $(YELLOW_LIBS)

# Tables, and rows into them.
check_ingest_SOURCES += \
	tests/ingest/batch.c \
	tests/ingest/merge_kit.c tests/ingest/merge_kit.h \
	tests/ingest/operation.c \
	tests/ingest/transform.c \
	tests/ingest/beat.c \
	tests/ingest/table.c \
	tests/ingest/verify.c

# Transactions of other tests would be running ones to these: a cluster of their own, one test at a time.
check_PROGRAMS += check_incremental
check_incremental_SOURCES = tests/pg/cluster.c tests/pg/cluster.h \
	tests/ingest/source_kit.c tests/ingest/source_kit.h \
	tests/ingest/sql_incremental.c tests/ingest/sql_mark.c
check_incremental_CPPFLAGS = $(CHECK_CPPFLAGS)
check_incremental_CFLAGS = $(CHECK_CFLAGS)
check_incremental_LDADD = $(CHECK_LIBS)

# Random histories; YELLOW_HISTORY_SEEDS says how many.
check_PROGRAMS += check_history
check_history_SOURCES = tests/pg/cluster.c tests/pg/cluster.h \
	tests/ingest/history.c \
	tests/ingest/merge_kit.c tests/ingest/merge_kit.h \
	tests/ingest/source_kit.c tests/ingest/source_kit.h
check_history_CPPFLAGS = $(CHECK_CPPFLAGS)
check_history_CFLAGS = $(CHECK_CFLAGS)
check_history_LDADD = $(CHECK_LIBS)

# Not a test itself: the job that tests/e2e/faults.py kills.
noinst_PROGRAMS += tests/e2e/faulty_job
tests_e2e_faulty_job_SOURCES = tests/ingest/faulty_job.c
tests_e2e_faulty_job_CPPFLAGS = $(CHECK_CPPFLAGS)
tests_e2e_faulty_job_CFLAGS = $(AM_CFLAGS) -Wno-missing-prototypes
tests_e2e_faulty_job_LDFLAGS = $(AM_LDFLAGS) $(addprefix -Wl$(comma)--wrap=,PQconnectStartParams PQconnectPoll \
	PQsendQuery PQsendQueryParams PQsendPrepare PQsendQueryPrepared PQflush PQconsumeInput PQgetResult PQputCopyData \
	PQputCopyEnd PQgetCopyData PQcancel PQfinish)
tests_e2e_faulty_job_LDADD = $(YELLOW_LIBS)
comma = ,

check_PROGRAMS += tests/fuzz/check_json_seeds
tests_fuzz_check_json_seeds_SOURCES = tests/fuzz/json.c tests/fuzz/replay.c
tests_fuzz_check_json_seeds_CPPFLAGS = $(AM_CPPFLAGS) -DYELLOW_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/json"'
tests_fuzz_check_json_seeds_CFLAGS = $(AM_CFLAGS) -Wno-missing-prototypes
tests_fuzz_check_json_seeds_LDADD = $(YELLOW_LIBS)
