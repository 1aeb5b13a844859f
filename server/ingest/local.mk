libyellow_a_SOURCES += \
	server/ingest/ahead.c server/ingest/ahead.h \
	server/ingest/beat.c server/ingest/beat.h \
	server/ingest/job.c server/ingest/job.h \
	server/ingest/server.c server/ingest/server.h \
	server/ingest/builder.c server/ingest/builder.h \
	server/ingest/capture.c server/ingest/capture.h \
	server/ingest/capture_sql_incremental.c \
	server/ingest/capture_sql_snapshot.c \
	server/ingest/credential.c server/ingest/credential.h \
	server/ingest/names.c server/ingest/names.h \
	server/ingest/naming.c server/ingest/naming.h \
	server/ingest/operation.c server/ingest/operation.h \
	server/ingest/order.c server/ingest/order.h \
	server/ingest/psp_views.c server/ingest/psp_views.h \
	server/ingest/target.c server/ingest/target.h \
	server/ingest/session.c server/ingest/session.h \
	server/ingest/output.c server/ingest/output.h \
	server/ingest/transform.c server/ingest/transform.h \
	server/ingest/progress.c server/ingest/progress.h \
	server/ingest/quarantine.c server/ingest/quarantine.h \
	server/ingest/rows.h \
	server/ingest/sql_horizon.c server/ingest/sql_horizon.h \
	server/ingest/sql_mark.c server/ingest/sql_mark.h \
	server/ingest/sql_cast.c server/ingest/sql_cast.h \
	server/ingest/sql_fit.c server/ingest/sql_fit.h \
	server/ingest/sql_rows.c server/ingest/sql_rows.h \
	server/ingest/sql_source.c server/ingest/sql_source.h \
	server/ingest/archive.c server/ingest/archive.h server/ingest/transform_child.c \
	server/ingest/tuple.h \
	server/ingest/view.c server/ingest/view.h \
	server/ingest/watermark.c server/ingest/watermark.h \
	server/ingest/wire.h \
	server/ingest/work.c server/ingest/work.h

# Values of files and of HTTP APIs.
libyellow_a_SOURCES += \
	server/ingest/capture_csv_s3.c server/ingest/capture_json_api.c \
	server/ingest/csv.c server/ingest/csv.h \
	server/ingest/csv_rows.c server/ingest/csv_rows.h \
	server/ingest/encode.c server/ingest/encode.h server/ingest/encode_internal.h \
	server/ingest/encode_array.c server/ingest/encode_json.c server/ingest/encode_number.c server/ingest/encode_time.c \
	server/ingest/json_api.h \
	server/ingest/json_page.c server/ingest/json_page.h \
	server/ingest/json_rows.c server/ingest/json_rows.h \
	server/ingest/jrecords.c server/ingest/jrecords.h \
	server/ingest/jtext_canonical.c server/ingest/jtext_canonical.h \
	server/ingest/remote.c server/ingest/remote.h \
	server/ingest/s3.c server/ingest/s3.h \
	server/ingest/s3_xml.c server/ingest/s3_xml.h

# Tables, and rows into them.
libyellow_a_SOURCES += \
	server/ingest/batch.c server/ingest/batch.h \
	server/ingest/counts.c server/ingest/counts.h \
	server/ingest/intake.c server/ingest/intake.h \
	server/ingest/ledger.c server/ingest/ledger.h \
	server/ingest/merge.c server/ingest/merge.h server/ingest/merge_ways.h \
	server/ingest/merge_compare.c server/ingest/merge_load.c server/ingest/merge_repeated.c server/ingest/merge_stage.c \
	server/ingest/stage.c server/ingest/stage.h \
	server/ingest/standing.c server/ingest/standing.h \
	server/ingest/table.c server/ingest/table.h \
	server/ingest/table_type.c server/ingest/table_type.h \
	server/ingest/tuple_text.c server/ingest/tuple_text.h \
	server/ingest/verify.c server/ingest/verify.h \
	server/ingest/writer.c server/ingest/writer.h
