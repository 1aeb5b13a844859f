check_PROGRAMS += check_model
check_model_SOURCES = tests/model/support.c tests/model/support.h \
	tests/model/checks.c \
	tests/model/cron.c \
	tests/model/datatype.c \
	tests/model/job.c \
	tests/model/load.c \
	tests/model/plan.c \
	tests/model/resources.c
check_model_CPPFLAGS = $(CHECK_CPPFLAGS) -I$(top_srcdir)/tests/model
check_model_CFLAGS = $(CHECK_CFLAGS)
check_model_LDADD = $(CHECK_LIBS)
