# Files of this floor: libyellow_a_SOURCES += server/api/NAME.c server/api/NAME.h
