# Tests of server/api: sources += tests/api/NAME.c, one a module, mirroring it
