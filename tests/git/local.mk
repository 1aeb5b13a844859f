# Tests of server/git: sources += tests/git/NAME.c, one a module, mirroring it
