# Files of this floor: libyellow_a_SOURCES += server/stack/NAME.c server/stack/NAME.h
