libyellow_a_SOURCES += \
	server/http/accept.c server/http/http.h \
	server/http/cursor.c \
	server/http/dispatch.c server/http/dispatch.h \
	server/http/etag.c server/http/etag.h \
	server/http/problem.c \
	server/http/request.c \
	server/http/response.c \
	server/http/route.c server/http/route.h \
	server/http/shared.c server/http/shared.h \
	server/http/status.c server/http/status.h \
	server/http/url.c server/http/url.h
