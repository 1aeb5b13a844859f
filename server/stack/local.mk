libyellow_a_SOURCES += \
	server/stack/assembly.c server/stack/assembly.h \
	server/stack/binding.c server/stack/binding.h \
	server/stack/component.c server/stack/component.h \
	server/stack/context.c server/stack/context.h \
	server/stack/declaration.c server/stack/declaration.h \
	server/stack/library.c server/stack/library.h \
	server/stack/naming.c server/stack/naming.h \
	server/stack/parameter.c server/stack/parameter.h \
	server/stack/stack.c server/stack/stack.h
