libyellow_a_SOURCES += \
	server/stack/assembly.c server/stack/assembly.h \
	server/stack/binding.c server/stack/binding.h \
	server/stack/cache.c server/stack/cache.h \
	server/stack/check.c \
	server/stack/component.c server/stack/component.h \
	server/stack/context.c server/stack/context.h \
	server/stack/context_model.c \
	server/stack/declaration.c server/stack/declaration.h \
	server/stack/describe.c server/stack/describe.h \
	server/stack/diff.c server/stack/diff.h \
	server/stack/library.c server/stack/library.h \
	server/stack/media.c server/stack/media.h \
	server/stack/naming.c server/stack/naming.h \
	server/stack/offer.c server/stack/offer.h \
	server/stack/parameter.c server/stack/parameter.h \
	server/stack/reach.c server/stack/reach.h \
	server/stack/stack.c server/stack/stack.h \
	server/stack/stack_json.c server/stack/stack_json.h \
	server/stack/plan_document.c server/stack/plan_document.h \
	server/stack/plan_text.c \
	server/stack/tree.c server/stack/tree.h
