# Files of this floor: libyellow_a_SOURCES += server/pg/NAME.c server/pg/NAME.h
