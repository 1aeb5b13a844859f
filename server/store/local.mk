# Files of this floor: libyellow_a_SOURCES += server/store/NAME.c server/store/NAME.h
