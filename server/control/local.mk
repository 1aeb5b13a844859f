# Files of this floor: libyellow_a_SOURCES += server/control/NAME.c server/control/NAME.h
