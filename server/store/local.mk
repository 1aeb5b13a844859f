libyellow_a_SOURCES += \
	server/store/approval.c server/store/approval.h \
	server/store/audit.c server/store/audit.h \
	server/store/audit_list.c server/store/audit_list.h \
	server/store/batch.c server/store/batch.h \
	server/store/delivery.c server/store/delivery.h \
	server/store/ecosystem.c server/store/ecosystem.h \
	server/store/hint.c server/store/hint.h \
	server/store/hold.c server/store/hold.h \
	server/store/idempotency.c server/store/idempotency.h \
	server/store/job.c server/store/job.h server/store/job_apply.c server/store/job_schedule.c server/store/job_schedule.h \
	server/store/levels.c server/store/levels.h \
	server/store/notify.c server/store/notify.h \
	server/store/operation.c server/store/operation.h \
	server/store/param.c server/store/param.h \
	server/store/pull.c server/store/pull.h \
	server/store/report.c server/store/report.h \
	server/store/repository.c server/store/repository.h \
	server/store/run.c server/store/run.h \
	server/store/schedule.c server/store/schedule.h \
	server/store/token.c server/store/token.h \
	server/store/object.c server/store/object.h \
	server/store/status.c server/store/status.h \
	server/store/version.c server/store/version.h
