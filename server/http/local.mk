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
libyellow_a_SOURCES += \
	server/http/access_log.c server/http/access_log.h \
	server/http/conn.c server/http/conn.h \
	server/http/framing.c server/http/framing.h \
	server/http/memo.c server/http/memo.h \
	server/http/metrics.c server/http/metrics.h \
	server/http/native.c server/http/native.h \
	server/http/reaper.c server/http/reaper.h \
	server/http/route_metrics.c \
	server/http/server.c server/http/server.h server/http/server_private.h \
	server/http/workers.c server/http/workers.h
libyellow_a_SOURCES += \
	server/http/client.c server/http/client.h server/http/client_private.h \
	server/http/stream.c server/http/stream.h
