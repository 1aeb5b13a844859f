# Files of this floor: libyellow_a_SOURCES += server/model/NAME.c server/model/NAME.h
