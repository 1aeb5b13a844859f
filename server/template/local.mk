# Files of this floor: libyellow_a_SOURCES += server/template/NAME.c server/template/NAME.h
