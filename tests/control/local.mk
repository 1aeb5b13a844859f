# Tests of server/control: sources += tests/control/NAME.c, one a module, mirroring it
