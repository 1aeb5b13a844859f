check_PROGRAMS += check_base
check_base_SOURCES = \
	tests/base/arena.c \
	tests/base/buf.c \
	tests/base/crypto.c \
	tests/base/embed.c \
	tests/base/err.c \
	tests/base/file.c \
	tests/base/json.c tests/base/lazy.c \
	tests/base/log.c \
	tests/base/map.c \
	tests/base/proc.c \
	tests/base/str.c \
	tests/base/textdiff.c \
	tests/base/time.c \
	tests/base/vec.c \
	tests/base/yaml.c tests/base/yaml_fast.c tests/base/yaml_print.h \
	tests/base/zone.c
check_base_CPPFLAGS = $(CHECK_CPPFLAGS)
check_base_CFLAGS = $(CHECK_CFLAGS)
check_base_LDADD = $(CHECK_LIBS)

# The fuzz target over its seeds.
check_PROGRAMS += tests/fuzz/check_yaml_seeds
tests_fuzz_check_yaml_seeds_SOURCES = tests/fuzz/yaml.c tests/fuzz/replay.c
tests_fuzz_check_yaml_seeds_CPPFLAGS = $(CHECK_CPPFLAGS) -DYELLOW_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/yaml"'
tests_fuzz_check_yaml_seeds_CFLAGS = $(AM_CFLAGS) -Wno-missing-prototypes
tests_fuzz_check_yaml_seeds_LDADD = $(YELLOW_LIBS)
