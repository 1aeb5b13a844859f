# Tests of server/template: sources += tests/template/NAME.c, one a module, mirroring it
