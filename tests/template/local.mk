check_PROGRAMS += check_template
check_template_SOURCES = tests/template/lexer.c tests/template/render.c tests/template/value.c tests/template/value_jtext.c
check_template_CPPFLAGS = $(CHECK_CPPFLAGS)
check_template_CFLAGS = $(CHECK_CFLAGS)
check_template_LDADD = $(CHECK_LIBS)

# What tests/conformance/run.py renders with, beside Jinja2.
noinst_PROGRAMS += tests/conformance/render
tests_conformance_render_SOURCES = tests/conformance/render.c
tests_conformance_render_LDADD = $(YELLOW_LIBS)
EXTRA_DIST += tests/conformance/run.py tests/conformance/cases tests/fuzz/seeds/template

# The fuzz targets over their seeds.
TEMPLATE_SEEDS = -DYELLOW_SEEDS='"$(abs_top_srcdir)/tests/fuzz/seeds/template"'
check_PROGRAMS += tests/fuzz/check_template_seeds tests/fuzz/check_template_parse_seeds
tests_fuzz_check_template_seeds_SOURCES = tests/fuzz/template.c tests/fuzz/replay.c
tests_fuzz_check_template_seeds_CPPFLAGS = $(AM_CPPFLAGS) $(TEMPLATE_SEEDS)
tests_fuzz_check_template_seeds_CFLAGS = $(AM_CFLAGS) -Wno-missing-prototypes
tests_fuzz_check_template_seeds_LDADD = $(YELLOW_LIBS)
tests_fuzz_check_template_parse_seeds_SOURCES = tests/fuzz/template_parse.c tests/fuzz/replay.c
tests_fuzz_check_template_parse_seeds_CPPFLAGS = $(AM_CPPFLAGS) $(TEMPLATE_SEEDS)
tests_fuzz_check_template_parse_seeds_CFLAGS = $(AM_CFLAGS) -Wno-missing-prototypes
tests_fuzz_check_template_parse_seeds_LDADD = $(YELLOW_LIBS)
EXTRA_DIST += tests/fuzz/template.dict
