libyellow_a_SOURCES += \
	server/store/audit.c server/store/audit.h \
	server/store/delivery.c server/store/delivery.h \
	server/store/ecosystem.c server/store/ecosystem.h \
	server/store/idempotency.c server/store/idempotency.h \
	server/store/notify.c server/store/notify.h \
	server/store/version.c server/store/version.h
