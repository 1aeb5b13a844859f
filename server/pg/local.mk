libyellow_a_SOURCES += \
	server/pg/connect.c server/pg/copy.c server/pg/copy.h server/pg/internal.h \
	server/pg/embedded.c server/pg/embedded.h \
	server/pg/embedded_dir.c server/pg/embedded_internal.h \
	server/pg/install.c server/pg/install.h \
	server/pg/listen.c server/pg/listen.h \
	server/pg/migrate.c server/pg/migrate.h \
	server/pg/pg.c server/pg/pg.h \
	server/pg/pool.c server/pg/pool.h \
	server/pg/tx.c \
	server/pg/value.c
