libyellow_a_SOURCES += \
	server/base/arena.c server/base/arena.h \
	server/base/buf.c server/base/buf.h \
	server/base/err.c server/base/err.h \
	server/base/map.c server/base/map.h \
	server/base/str.c server/base/str.h \
	server/base/vec.h
