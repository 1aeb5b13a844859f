libyellow_a_SOURCES += \
	server/template/ast.h \
	server/template/attr.c \
	server/template/bigint.c server/template/bigint.h server/template/bigint_text.c \
	server/template/builtin.c \
	server/template/builtin.h \
	server/template/call.c \
	server/template/compile.h \
	server/template/core.c \
	server/template/dict.c \
	server/template/entities.h \
	server/template/error.c \
	server/template/error.h \
	server/template/escape.c \
	server/template/eval.c \
	server/template/exec.c \
	server/template/filters_markup.c \
	server/template/filters_num.c \
	server/template/filters_pick.c \
	server/template/filters_seq.c \
	server/template/filters_text.c \
	server/template/filters_wrap.c \
	server/template/filters_yellow.c \
	server/template/fold.c server/template/fold.h \
	server/template/format.h \
	server/template/format_brace.c \
	server/template/format_percent.c \
	server/template/format_spec.c \
	server/template/globals.c \
	server/template/include.c \
	server/template/iterate.c \
	server/template/json_text.c \
	server/template/json_text.h \
	server/template/k8s_name.c server/template/k8s_name.h \
	server/template/lexer.c \
	server/template/lexer.h \
	server/template/loop.c \
	server/template/loop.h \
	server/template/methods_seq.c \
	server/template/methods_str.c \
	server/template/methods_text.c \
	server/template/number.c \
	server/template/number.h \
	server/template/ops.c server/template/ops_big.c \
	server/template/parse_expr.c \
	server/template/parse_operator.c \
	server/template/parse_stmt.c \
	server/template/parser.c server/template/parser.h \
	server/template/pprint.c \
	server/template/resolve.c \
	server/template/run.h \
	server/template/select.h \
	server/template/symbols.c \
	server/template/symbols.h \
	server/template/template.c \
	server/template/template.h \
	server/template/tests.c \
	server/template/text.c \
	server/template/text.h \
	server/template/types.c \
	server/template/unicode.c \
	server/template/unicode_tables.h \
	server/template/urlize.c \
	server/template/value.c \
	server/template/value.h \
	server/template/value_jtext.c \
	server/template/value_yaml.c \
	server/template/visit.c \
	server/template/visit.h
EXTRA_DIST += server/template/unicode.py
