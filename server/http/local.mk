# Files of this floor: libyellow_a_SOURCES += server/http/NAME.c server/http/NAME.h
