# Tests of server/cli: sources += tests/cli/NAME.c, one a module, mirroring it
