libyellow_a_SOURCES += \
	server/git/blobs.c \
	server/git/clone.c \
	server/git/credential.c server/git/credential.h \
	server/git/fetch.c server/git/fetch.h \
	server/git/fetch_child.c \
	server/git/git.h \
	server/git/https.c server/git/https.h \
	server/git/merge.c \
	server/git/mirror.c server/git/mirror.h \
	server/git/repair.c server/git/repair.h \
	server/git/tree.c \
	server/git/url.c server/git/url.h
