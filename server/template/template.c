#include "template/template.h"

#include "base/map.h"
#include "template/compile.h"
#include "template/parser.h"
#include "template/run.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    DEFAULT_STEPS = 2000000,
    DEFAULT_OUTPUT = 16 << 20,
    DEFAULT_DEPTH = 100,
    MAX_SOURCE = 8 << 20,
    FIRST_ROOM = 2048
};

struct template_env {
    struct template_options options;
    struct arena *arena;  /* of the programs and of the map */
    pthread_mutex_t lock; /* guards arena and programs */
    struct map programs;  /* by name */
};

struct template_env *template_env_new(const struct template_options *options)
{
    struct arena *arena = arena_new();
    struct template_env *env = arena_alloc(arena, sizeof *env);
    env->options = *options;
    env->arena = arena;
    env->programs.arena = arena;
    if (!env->options.max_steps)
        env->options.max_steps = DEFAULT_STEPS;
    if (!env->options.max_output)
        env->options.max_output = DEFAULT_OUTPUT;
    if (!env->options.max_depth)
        env->options.max_depth = DEFAULT_DEPTH;
    (void)pthread_mutex_init(&env->lock, NULL);
    return env;
}

void template_env_free(struct template_env *env)
{
    if (!env)
        return;
    (void)pthread_mutex_destroy(&env->lock);
    arena_free(env->arena);
}

/* \r\n and \r become \n, as Jinja2 reads them. */
static struct str normal_newlines(struct arena *arena, struct str s)
{
    if (!s.len || !memchr(s.data, '\r', s.len))
        return s;
    char *text = arena_alloc(arena, s.len);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '\r' && i + 1 < s.len && s.data[i + 1] == '\n')
            continue;
        text[n++] = s.data[i] == '\r' ? '\n' : s.data[i];
    }
    return (struct str){text, n};
}

struct program *template_compile(struct arena *arena, const struct template_options *options, const char *name,
                                 struct str source, struct err *err)
{
    struct compiler *c = arena_alloc(arena, sizeof *c);
    struct program *program = arena_alloc(arena, sizeof *program);
    if (source.len > MAX_SOURCE) {
        (void)err_set(err, ERR_TOO_LARGE, "%s: template of %zu bytes is beyond the bound of %d", name, source.len,
                      MAX_SOURCE);
        return NULL;
    }
    if (!str_is_utf8(source)) {
        (void)err_set(err, ERR_SYNTAX, "%s: template is not UTF-8", name);
        return NULL;
    }
    source = normal_newlines(arena, source);
    *c = (struct compiler){.arena = arena, .options = options, .place = {name, source, 0}, .err = err};
    program->arena = arena;
    program->name = name;
    program->source = source;
    if (setjmp(c->jump))
        return NULL;
    parser_run(c, &program->body);
    resolve_run(c, program);
    return program;
}

/* As template_render looks one up; *found is false when the loader has none. NULL: none, or err is set. */
static const struct program *find_program(struct template_env *env, struct str name, bool *found, struct err *err)
{
    (void)pthread_mutex_lock(&env->lock);
    const struct program *program = map_get(&env->programs, name);
    *found = program != NULL;
    if (!program && env->options.load) {
        char *key = arena_strndup(env->arena, name.data, name.len);
        struct str source;
        *found = env->options.load(env->options.load_ctx, key, &source);
        if (*found) {
            struct program *made = template_compile(env->arena, &env->options, key, source, err);
            if (made)
                (void)map_put(&env->programs, str_from(key), made);
            program = made;
        }
    }
    (void)pthread_mutex_unlock(&env->lock);
    return program;
}

const struct program *env_program(struct run *run, struct str name)
{
    bool found;
    if (name.len && memchr(name.data, '\0', name.len))
        return NULL;
    const struct program *program = find_program(run->env, name, &found, run->err);
    if (!program && found) {
        for (const struct site here = {run->site, run->program, run->pos, "included from"}, *site = &here; site;
             site = site->up) {
            struct place place = {site->program->name, site->program->source, site->pos};
            error_add_site(run->err, site->how, &place);
        }
        longjmp(run->jump, 1);
    }
    return program;
}

/* Apart from its caller, so that nothing there lives across setjmp. */
static int render_guarded(struct run *run, const struct program *program, const struct value *context)
{
    run->stack_base = __builtin_frame_address(0);
    if (setjmp(run->jump))
        return -(int)run->err->code;
    run->program = program;
    run->modules = run_dict(run);
    struct context *top = context_new(run, program);
    if (context && context->type == VALUE_DICT)
        top->base = context->as.dict;
    run_program(run, program, top);
    return 0;
}

static int render(struct template_env *env, const struct program *program, const struct value *context, struct buf *out,
                  struct err *err)
{
    struct err own;
    struct arena *arena = arena_new();
    struct run *run = arena_alloc(arena, sizeof *run);
    run->env = env;
    run->options = &env->options;
    run->arena = arena;
    run->room_size = FIRST_ROOM;
    run->steps_left = env->options.max_steps;
    run->memory_left = env->options.max_output * 4;
    run->err = err ? err : &own;
    const size_t before = out->len, max = env->options.max_output;
    run->out = *out;
    run->out_max = max > SIZE_MAX - before ? SIZE_MAX : before + max;
    int rc = render_guarded(run, program, context);
    *out = run->out;
    if (rc != 0)
        out->len = before;
    if (out->data)
        out->data[out->len] = '\0';
    arena_free(arena);
    return rc;
}

int template_check(struct template_env *env, const char *name, struct err *err)
{
    bool found;
    struct err own;
    struct err *said = err ? err : &own;
    if (find_program(env, str_from(name), &found, said))
        return 0;
    return found ? -(int)said->code : err_set(said, ERR_NOT_FOUND, "no template '%s'", name);
}

int template_render(struct template_env *env, const char *name, const struct value *context, struct buf *out,
                    struct err *err)
{
    bool found;
    struct err own;
    struct err *said = err ? err : &own;
    const struct program *program = find_program(env, str_from(name), &found, said);
    if (!program)
        return found ? -(int)said->code : err_set(said, ERR_NOT_FOUND, "no template '%s'", name);
    return render(env, program, context, out, said);
}

int template_render_text(struct template_env *env, const char *name, struct str text, const struct value *context,
                         struct buf *out, struct err *err)
{
    struct err own;
    struct err *said = err ? err : &own;
    struct arena *arena = arena_new();
    const struct program *program = template_compile(arena, &env->options, name, text, said);
    int rc = program ? render(env, program, context, out, said) : -(int)said->code;
    arena_free(arena);
    return rc;
}
