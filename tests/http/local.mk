# Tests of server/http: sources += tests/http/NAME.c, one a module, mirroring it
