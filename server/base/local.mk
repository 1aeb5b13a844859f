libyellow_a_SOURCES += \
	server/base/arena.c server/base/arena.h \
	server/base/buf.c server/base/buf.h \
	server/base/crypto.c server/base/crypto.h \
	server/base/embed.c server/base/embed.h \
	server/base/err.c server/base/err.h \
	server/base/file.c server/base/file.h \
	server/base/json.c server/base/json.h \
	server/base/jtext.c server/base/jtext.h \
	server/base/lazy.c server/base/lazy.h \
	server/base/log.c server/base/log.h \
	server/base/map.c server/base/map.h \
	server/base/proc.c server/base/proc.h \
	server/base/quantity.c server/base/quantity.h \
	server/base/str.c server/base/str.h \
	server/base/textdiff.c server/base/textdiff.h \
	server/base/time.c server/base/time.h \
	server/base/vec.h \
	server/base/yaml.c server/base/yaml.h server/base/yaml_scan.h \
	server/base/yaml_block.c server/base/yaml_fast.c server/base/yaml_fast.h \
	server/base/yaml_flow.c server/base/yaml_text.c \
	server/base/yaml_scalar.c server/base/yaml_scalar.h \
	server/base/zone.c server/base/zone.h
