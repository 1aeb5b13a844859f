libyellow_a_SOURCES += \
	server/control/cause.c server/control/cause.h \
	server/control/run.c server/control/run.h \
	server/control/transition.c server/control/transition.h
