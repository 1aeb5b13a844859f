# Files of this floor: libyellow_a_SOURCES += server/api/NAME.c server/api/NAME.h
# Routes, and the way of a commit.
libyellow_a_SOURCES += \
	server/api/app.h \
	server/api/approvals.c server/api/approvals.h \
	server/api/declarations.c server/api/declarations.h \
	server/api/deliveries.c server/api/deliveries.h \
	server/api/ecosystems.c server/api/ecosystems.h \
	server/api/graph.c server/api/graph.h \
	server/api/holds.c server/api/holds.h \
	server/api/idempotent.c server/api/idempotent.h \
	server/api/merges.c server/api/merges.h \
	server/api/objects.c server/api/objects.h \
	server/api/transformer_code.c server/api/transformer_code.h \
	server/api/operations.c server/api/operations.h \
	server/api/page.c server/api/page.h \
	server/api/plans.c server/api/plans.h \
	server/api/probes.c server/api/probes.h \
	server/api/reading.c server/api/reading.h \
	server/api/rollbacks.c server/api/rollbacks.h \
	server/api/routes.c server/api/routes.h \
	server/api/schemas.c server/api/schemas.h \
	server/api/stacks.c server/api/stacks.h \
	server/api/versions.c server/api/versions.h \
	server/api/repositories.c server/api/repositories.h \
	server/api/webhooks.c server/api/webhooks.h
# Jobs: their status, runs and hints.
libyellow_a_SOURCES += \
	server/api/audit_log.c server/api/audit_log.h \
	server/api/hints.c server/api/hints.h \
	server/api/job_json.c server/api/job_json.h \
	server/api/run_report.c server/api/run_report.h \
	server/api/runs.c server/api/runs.h \
	server/api/schedule.c server/api/schedule.h \
	server/api/status.c server/api/status.h \
	server/api/streams.c server/api/streams.h \
	server/api/work_order.c server/api/work_order.h
