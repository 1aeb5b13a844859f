# Tests of server/store: sources += tests/store/NAME.c, one a module, mirroring it
