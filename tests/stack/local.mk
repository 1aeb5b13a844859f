check_PROGRAMS += check_stack
check_stack_SOURCES = \
	tests/stack/assembly.c \
	tests/stack/cache.c \
	tests/stack/component.c \
	tests/stack/diff.c \
	tests/stack/every_check.c \
	tests/stack/hostile.c tests/stack/hostile.h \
	tests/stack/incremental.c \
	tests/stack/hostile_components.c \
	tests/stack/hostile_model.c \
	tests/stack/library.c \
	tests/stack/media.c \
	tests/stack/naming.c \
	tests/stack/parameter.c \
	tests/stack/plan_document.c \
	tests/stack/stack.c \
	tests/stack/support.c tests/stack/support.h
check_stack_CPPFLAGS = $(CHECK_CPPFLAGS) -I$(top_srcdir)/tests/stack
check_stack_CFLAGS = $(CHECK_CFLAGS)
check_stack_LDADD = $(CHECK_LIBS)
