# Built by script/bench alone.
EXTRA_PROGRAMS += bench_http_yellow bench_http_bare
bench_http_yellow_SOURCES = bench/http_yellow.c bench/http_document.h
bench_http_yellow_LDADD = $(YELLOW_LIBS)
bench_http_bare_SOURCES = bench/http_bare.c bench/http_document.h
bench_http_bare_LDADD = $(MHD_LIBS)
EXTRA_PROGRAMS += bench_render_yellow
bench_render_yellow_SOURCES = bench/render_yellow.c
bench_render_yellow_LDADD = $(YELLOW_LIBS)
EXTRA_PROGRAMS += bench_stack_yellow
bench_stack_yellow_SOURCES = bench/stack_yellow.c
bench_stack_yellow_LDADD = $(YELLOW_LIBS)
EXTRA_PROGRAMS += bench_files_yellow
bench_files_yellow_SOURCES = bench/files_yellow.c
bench_files_yellow_LDADD = $(YELLOW_LIBS)
EXTRA_PROGRAMS += bench_ingest_yellow
bench_ingest_yellow_SOURCES = bench/ingest_yellow.c
bench_ingest_yellow_LDADD = $(YELLOW_LIBS)
