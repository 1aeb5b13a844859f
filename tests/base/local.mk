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
	tests/base/yaml.c \
	tests/base/zone.c
check_base_CPPFLAGS = $(CHECK_CPPFLAGS)
check_base_CFLAGS = $(CHECK_CFLAGS)
check_base_LDADD = $(CHECK_LIBS)
