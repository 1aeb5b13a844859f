#ifndef YELLOW_GIT_FETCH_H
#define YELLOW_GIT_FETCH_H

#include "git/git.h"

struct git_fetch_options {
    const char *executable; /* whose subcommand git-fetch runs; NULL: this program */
    bool loopback_http;     /* http://127.0.0.1:PORT/ too; for tests */
};

/* git_fetch with options; NULL has git_fetch's. */
int git_fetch_with(struct arena *arena, const char *dir, const char *url, const char *branch,
                   const struct git_limits *limits, const struct git_fetch_options *options, char head[GIT_OID_TEXT],
                   struct err *err);

/* The child's side: `git-fetch DIR URL BRANCH BYTES [--loopback-http]`, argv[0] being "git-fetch". Prints one line of
 * JSON, {"head": oid} or {"error": kind, "text": ..., "hint": ...}, and returns the exit code of the kind.
 *
 * It waits for its turn at a lock beside the mirror (DIR.lock), clears what a killed fetch left behind, makes the
 * mirror again when it is damaged or of another URL, and fetches +refs/heads/BRANCH:refs/heads/BRANCH alone.
 *
 * Owners: libgit2 refuses to open a repository that another user owns, since git would run what its configuration
 * names. A file:// repository usually does have another owner (the forge's), and nothing of its configuration is run
 * here: it is read for objects only and nothing is checked out. So the check is off in this child, and only here; the
 * server itself opens nothing but its own mirrors, with the check on.
 *
 * Credentials come from files that the environment names, never from the URL:
 *   YELLOW_GIT_SSH_KEY     a private key without a passphrase, for ssh. The host must be in ~/.ssh/known_hosts.
 *   YELLOW_GIT_TOKEN_FILE  lines "host token" or "host user token", for https: the token goes to that host alone.
 *                          Lines that begin with a name ("name=host token") are for what asks for it by that name.
 * SSL_CERT_FILE names a file of certificate authorities in place of the system's. */
int git_fetch_child(int argc, char **argv);

#endif
