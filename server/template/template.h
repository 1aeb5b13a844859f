#ifndef YELLOW_TEMPLATE_TEMPLATE_H
#define YELLOW_TEMPLATE_TEMPLATE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "template/value.h"

/* Jinja2's language, pure: no clock, no random, no file outside the loader. A template is compiled once, is immutable
 * and may be rendered by many threads at a time. */
struct template_env;

struct template_options {
    bool lenient; /* undefined values print as '', as Jinja2's default; otherwise they are errors */
    bool autoescape, trim_blocks, lstrip_blocks, keep_trailing_newline;
    uint64_t max_steps; /* 0: a default that a bomb reaches in under 100 ms */
    size_t max_output;  /* bytes; 0: 16 MiB */
    unsigned max_depth; /* of includes, macros and nesting; 0: 100 */
    /* Text of a template by name; false when there is none. The text must live as long as the environment. Called at
     * compile time of includes, imports and extends, under the environment's lock. */
    bool (*load)(void *ctx, const char *name, struct str *text);
    void *load_ctx;
};

struct template_env *template_env_new(const struct template_options *options);
void template_env_free(struct template_env *env);

/* Renders the template of that name (compiled on first use, then kept) with context, a dict value, and appends to out.
 * On an error nothing is appended; err->text is "NAME:LINE:COLUMN: what", then the source line and the include chain,
 * each on a line of its own. ERR_SYNTAX at compile time, ERR_INVALID at run time, ERR_NOT_FOUND without the
 * template, ERR_TOO_LARGE at a bound. */
int template_render(struct template_env *env, const char *name, const struct value *context, struct buf *out,
                    struct err *err);
/* As above for a text without a name of its own (shown as name in errors); not kept. */
int template_render_text(struct template_env *env, const char *name, struct str text, const struct value *context,
                         struct buf *out, struct err *err);

/* Compiles the template of that name, if that was not done. Errors as template_render's at compile time. */
int template_check(struct template_env *env, const char *name, struct err *err);

#endif
