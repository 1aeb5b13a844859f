check_PROGRAMS += check_template
check_template_SOURCES = tests/template/render.c
check_template_CPPFLAGS = $(CHECK_CPPFLAGS)
check_template_CFLAGS = $(CHECK_CFLAGS)
check_template_LDADD = $(CHECK_LIBS)

# What tests/conformance/run.py renders with, beside Jinja2.
noinst_PROGRAMS += tests/conformance/render
tests_conformance_render_SOURCES = tests/conformance/render.c
tests_conformance_render_LDADD = $(YELLOW_LIBS)
EXTRA_DIST += tests/conformance/run.py
