libyellow_a_SOURCES += \
	server/model/annotate.c server/model/annotate.h \
	server/model/body.c server/model/body.h \
	server/model/change.c server/model/change.h \
	server/model/cause.c server/model/cause.h \
	server/model/check_capture.c \
	server/model/check_columns.c \
	server/model/check_names.c \
	server/model/check_owners.c \
	server/model/check_policy.c \
	server/model/check_production.c \
	server/model/check_psps.c \
	server/model/check_references.c \
	server/model/check_resources.c \
	server/model/check_table.c \
	server/model/check_transformers.c \
	server/model/checks.c server/model/checks.h \
	server/model/compatibility.c server/model/compatibility.h \
	server/model/compatibility_type.c \
	server/model/cron.c server/model/cron.h \
	server/model/datatype.c server/model/datatype.h \
	server/model/diff.c server/model/diff.h \
	server/model/fields.c server/model/fields.h \
	server/model/finding.c server/model/finding.h \
	server/model/graph.c server/model/graph.h server/model/graph_json.c server/model/graph_text.c \
	server/model/job.c server/model/job.h \
	server/model/job_levels.c server/model/job_levels.h \
	server/model/load.c server/model/model.h \
	server/model/lookalike.c \
	server/model/origin.c server/model/origin.h \
	server/model/ownership.c server/model/ownership.h \
	server/model/place.c server/model/place.h \
	server/model/plan.c server/model/plan.h \
	server/model/reader.c server/model/reader.h \
	server/model/reference.c server/model/reference.h \
	server/model/resources.c server/model/resources.h \
	server/model/resources_json.c server/model/resources_json.h \
	server/model/schema.c server/model/schema.h \
	server/model/scalar.c server/model/scalar.h \
	server/model/tables.c \
	server/model/unit.c server/model/unit.h \
	server/model/view.c server/model/view.h \
	server/model/wanted.c server/model/wanted.h \
	server/model/zone_name.c server/model/zone_name.h
