# Tests of server/pg: sources += tests/pg/NAME.c, one a module, mirroring it
