# Files of this floor: libyellow_a_SOURCES += server/git/NAME.c server/git/NAME.h
