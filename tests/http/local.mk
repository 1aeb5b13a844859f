check_PROGRAMS += check_http
check_http_SOURCES = \
	tests/http/cursor.c tests/http/drive.h \
	tests/http/dispatch.c \
	tests/http/etag.c \
	tests/http/framing.c \
	tests/http/memo.c \
	tests/http/request.c \
	tests/http/route.c \
	tests/http/shared.c
check_http_CPPFLAGS = $(CHECK_CPPFLAGS)
check_http_CFLAGS = $(CHECK_CFLAGS)
check_http_LDADD = $(CHECK_LIBS)
check_http_SOURCES += \
	tests/http/metrics.c \
	tests/http/server.c tests/http/server_kit.c tests/http/server_kit.h \
	tests/http/server_limits.c tests/http/wire.h
check_http_SOURCES += tests/http/client.c
