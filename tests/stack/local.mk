check_PROGRAMS += check_stack
check_stack_SOURCES = \
	tests/stack/assembly.c \
	tests/stack/component.c \
	tests/stack/naming.c \
	tests/stack/parameter.c
check_stack_CPPFLAGS = $(CHECK_CPPFLAGS)
check_stack_CFLAGS = $(CHECK_CFLAGS)
check_stack_LDADD = $(CHECK_LIBS)
