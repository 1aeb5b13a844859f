libyellow_a_SOURCES += \
	server/control/auth.c server/control/auth.h \
	server/control/backlog.c server/control/backlog.h \
	server/control/forge.c server/control/forge.h \
	server/control/health.c server/control/health.h \
	server/control/hint.c server/control/hint.h \
	server/control/operation.c server/control/operation.h \
	server/control/run.c server/control/run.h \
	server/control/job_process.c server/control/job_process.h \
	server/control/schedule_book.c server/control/schedule_book.h \
	server/control/schedule_plan.c server/control/schedule_plan.h \
	server/control/scheduler.c server/control/scheduler.h \
	server/control/scheduler_token.c server/control/scheduler_token.h \
	server/control/status.c server/control/status.h \
	server/control/transition.c server/control/transition.h
# The way of a commit.
libyellow_a_SOURCES += \
	server/control/candidate.c server/control/candidate.h \
	server/control/commit.c server/control/commit.h \
	server/control/inbox.c server/control/inbox.h \
	server/control/instance.c server/control/instance.h \
	server/control/advance.c server/control/advance.h \
	server/control/law.c server/control/law.h \
	server/control/merge.c server/control/merge.h \
	server/control/notice.c server/control/notice.h \
	server/control/forge_api.c server/control/forge_api.h \
	server/control/reporter.c server/control/reporter.h \
	server/control/turns.c server/control/turns.h \
	server/control/planning.c server/control/planning.h \
	server/control/pull.c server/control/pull.h \
	server/control/poller.c server/control/poller.h \
	server/control/push.c server/control/push.h \
	server/control/commit_model.c server/control/commit_model.h \
	server/control/unit_reader.c server/control/unit_reader.h \
	server/control/registry.c server/control/registry.h \
	server/control/secret.c server/control/secret.h \
	server/control/snapshot.c server/control/snapshot.h \
	server/control/worker.c server/control/worker.h
