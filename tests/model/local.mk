check_PROGRAMS += check_model
check_model_SOURCES = tests/model/support.c tests/model/support.h \
	tests/model/annotate.c \
	tests/model/checks.c \
	tests/model/compatibility.c \
	tests/model/cron.c \
	tests/model/datatype.c \
	tests/model/every_check.c \
	tests/model/example.c \
	tests/model/graph.c \
	tests/model/hostile.c \
	tests/model/job.c \
	tests/model/load.c \
	tests/model/origin.c tests/model/ownership.c \
	tests/model/plan.c \
	tests/model/reference.c \
	tests/model/resources.c \
	tests/model/roundtrip.c
check_model_CPPFLAGS = $(CHECK_CPPFLAGS) -I$(top_srcdir)/tests/model -DYELLOW_SRCDIR='"$(abs_top_srcdir)"'
check_model_CFLAGS = $(CHECK_CFLAGS)
check_model_LDADD = $(CHECK_LIBS)

# Prints what is generated out of the tables of server/model; `make reference` writes it where it stands.
noinst_PROGRAMS += tests/model/write_reference
tests_model_write_reference_SOURCES = tests/model/write_reference.c
tests_model_write_reference_LDADD = $(YELLOW_LIBS)

# The fuzz target over its seeds.
check_PROGRAMS += tests/fuzz/check_model_seeds
tests_fuzz_check_model_seeds_SOURCES = tests/fuzz/model.c tests/fuzz/replay.c
tests_fuzz_check_model_seeds_CPPFLAGS = $(AM_CPPFLAGS) -DYELLOW_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/model"'
tests_fuzz_check_model_seeds_CFLAGS = $(AM_CFLAGS) -Wno-missing-prototypes
tests_fuzz_check_model_seeds_LDADD = $(YELLOW_LIBS)
