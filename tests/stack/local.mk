# Tests of server/stack: sources += tests/stack/NAME.c, one a module, mirroring it
