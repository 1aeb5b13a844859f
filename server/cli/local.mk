libyellow_a_SOURCES += \
	server/cli/cmd_ecosystem.c \
	server/cli/cmd_git_fetch.c \
	server/cli/cmd_help.c \
	server/cli/cmd_job.c \
	server/cli/cmd_migrate.c \
	server/cli/cmd_component.c \
	server/cli/cmd_plan.c server/cli/cmd_lineage.c \
	server/cli/cmd_render.c \
	server/cli/cmd_serve.c \
	server/cli/cmd_template.c \
	server/cli/cmd_rollback.c \
	server/cli/cmd_status.c \
	server/cli/cmd_stream.c \
	server/cli/cmd_token.c \
	server/cli/cmd_validate.c \
	server/cli/cmd_verify.c \
	server/cli/cmd_version.c \
	server/cli/cmd_views.c \
	server/cli/control.c server/cli/control.h \
	server/cli/cmd_work.c \
	server/cli/command.c server/cli/command.h \
	server/cli/config.c server/cli/config.h \
	server/cli/database.c server/cli/database.h \
	server/cli/folder.c server/cli/folder.h \
	server/cli/options.c server/cli/options.h \
	server/cli/template_folder.c server/cli/template_folder.h \
	server/cli/serve.h server/cli/serve_app.c server/cli/serve_app.h server/cli/serve_database.c \
	server/cli/work.c server/cli/work.h
