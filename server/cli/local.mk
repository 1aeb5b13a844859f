# Files of this floor: libyellow_a_SOURCES += server/cli/NAME.c server/cli/NAME.h
