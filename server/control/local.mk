libyellow_a_SOURCES += \
	server/control/transition.c server/control/transition.h
