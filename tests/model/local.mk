# Tests of server/model: sources += tests/model/NAME.c, one a module, mirroring it
