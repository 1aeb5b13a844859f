#include "base/file.h"
#include "base/yaml_scalar.h"
#include "cli/command.h"
#include "cli/template_folder.h"
#include "template/template.h"
#include "template/text.h"

#include <stdio.h>

/* Most outputs fit into what is reserved, and what is not written costs nothing: growing would touch twice as many
 * pages. */
enum { INPUT_MAX = 64 << 20, OUTPUT_ROOM = 256 << 10 };

/* A file, or standard input when path is "-". */
static int read_input(struct arena *arena, const char *path, struct str *out, struct err *err)
{
    if (strcmp(path, "-") != 0) {
        int rc = file_read(arena, path, INPUT_MAX, out, err);
        if (rc == -ERR_IO) /* a folder, say: it is the input that is wrong, not the machine */
            err->code = ERR_INVALID;
        return rc ? -(int)err->code : 0;
    }
    struct buf *text = buf_new(arena);
    size_t n;
    do {
        n = fread(buf_reserve(text, 65536), 1, 65536, stdin);
        text->len += n;
    } while (n && text->len <= INPUT_MAX);
    if (ferror(stdin))
        return err_set(err, ERR_IO, "cannot read standard input");
    if (text->len > INPUT_MAX)
        return err_set(err, ERR_TOO_LARGE, "standard input has more than %d bytes", INPUT_MAX);
    *out = buf_str(text);
    return 0;
}

static bool is_json(struct str text)
{
    text = str_trim(text);
    return text.len && (text.data[0] == '{' || text.data[0] == '[');
}

/* What is JSON is read as JSON; all else, and what only looks like it ({a: 1}), as YAML. */
static int read_context(struct arena *arena, const char *path, struct value **out, struct err *err)
{
    static const struct yaml_limits limits = {.bytes = INPUT_MAX, .depth = 200, .nodes = 4000000};
    struct str text;
    struct yaml_node *node;
    int rc = read_input(arena, path, &text, err);
    if (rc < 0)
        return rc;
    bool read = is_json(text) && value_read_json(arena, text, out, ERR_IGNORED) == 0;
    if (!read && str_trim(text).len) {
        rc = yaml_read_one(arena, text, &limits, &node, err);
        if (rc == 0)
            rc = value_from_yaml(arena, node, out, err);
    } else if (!read) {
        *out = value_dict(arena);
    }
    if (rc < 0)
        return err_prefix(err, "%s", path);
    if ((*out)->type != VALUE_DICT)
        return err_set(err, ERR_INVALID, "%s: a context is a mapping of names to values", path);
    return 0;
}

/* NAME=VALUE, the value as YAML reads a plain scalar: 3, true and null are not texts. */
static int set_one(struct arena *arena, struct value *context, const char *text, struct err *err)
{
    struct str rest = str_from(text), name = str_cut(&rest, '=');
    if (!rest.data || !text_is_identifier(name)) {
        (void)err_set(err, ERR_USAGE, "--set: \"%s\" is not NAME=VALUE", text);
        return err_hint(err, "NAME is a name as templates write it: letters, digits and '_'");
    }
    struct yaml_node node = {.type = YAML_SCALAR, .line = 1, .text = rest, .scalar = yaml_scalar_kind(rest)};
    node.column = (unsigned)name.len + 2;
    struct value *made;
    int rc = value_from_yaml(arena, &node, &made, err);
    if (rc < 0)
        return err_prefix(err, "--set " STR_FMT, STR_ARG(name));
    value_dict_set(arena, context, arena_strndup(arena, name.data, name.len), made);
    return 0;
}

static int make_context(const struct cli_args *args, struct value **out, struct err *err)
{
    const char *path = cli_value(args, "context");
    const char *const *sets;
    size_t count = cli_values(args, "set", &sets);
    int rc = 0;
    *out = value_dict(args->arena);
    if (path && strcmp(path, "-") == 0 && strcmp(args->operands[0], "-") == 0)
        return err_set(err, ERR_USAGE, "template: standard input cannot be both the template and its context");
    if (path)
        rc = read_context(args->arena, path, out, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = set_one(args->arena, *out, sets[i], err);
    return rc;
}

static int read_options(const struct cli_args *args, struct template_options *out, struct err *err)
{
    const char *undefined = cli_value(args, "undefined");
    if (undefined && strcmp(undefined, "strict") != 0 && strcmp(undefined, "lenient") != 0) {
        (void)err_set(err, ERR_USAGE, "--undefined: \"%s\" is neither strict nor lenient", undefined);
        return err_hint(err, "strict: using an undefined value is an error; lenient: it prints as nothing");
    }
    *out = (struct template_options){.lenient = undefined && *undefined == 'l',
                                     .autoescape = cli_has(args, "autoescape"),
                                     .trim_blocks = cli_has(args, "trim-blocks"),
                                     .lstrip_blocks = cli_has(args, "lstrip-blocks"),
                                     .keep_trailing_newline = cli_has(args, "keep-trailing-newline"),
                                     .load = template_folder_load};
    return 0;
}

static int render(const struct cli_args *args, struct template_options *with, struct template_folder *folder,
                  struct err *err)
{
    const char *file = args->operands[0];
    struct value *context;
    struct str text;
    int rc = make_context(args, &context, err);
    if (rc == 0)
        rc = read_input(args->arena, file, &text, err);
    if (rc != 0)
        return rc;
    with->load_ctx = folder;
    struct template_env *env = template_env_new(with);
    struct buf *out = buf_new(args->arena);
    (void)buf_reserve(out, OUTPUT_ROOM);
    rc = template_render_text(env, strcmp(file, "-") == 0 ? "<stdin>" : file, text, context, out, err);
    template_env_free(env);
    if (rc == -ERR_NOT_FOUND && folder->refused)
        return err_hint(err, "%s", folder->refused);
    if (rc == 0)
        (void)fwrite(buf_text(out), 1, out->len, stdout);
    return rc;
}

static int run(const struct cli_args *args, struct err *err)
{
    struct template_options with;
    struct template_folder folder = {.fd = -1};
    int rc = command_check_operands(&cmd_template, args, 1, err);
    if (rc == 0)
        rc = read_options(args, &with, err);
    if (rc == 0)
        rc = template_folder_open(&folder, args->arena, cli_value(args, "include"), err);
    if (rc == 0)
        rc = render(args, &with, &folder, err);
    template_folder_close(&folder);
    return rc;
}

static const struct cli_option options[] = {
    {"context", "FILE", "JSON or YAML with the values; - is standard input", 0},
    {"set", "NAME=VALUE", "one value more, read as a YAML scalar", CLI_MANY},
    {"include", "DIR", "where includes, imports and extends find templates", 0},
    {"undefined", "MODE", "strict (an error, the default) or lenient", 0},
    {"autoescape", NULL, "escape printed values for HTML", 0},
    {"trim-blocks", NULL, "drop the newline after a statement", 0},
    {"lstrip-blocks", NULL, "drop the blanks before a statement", 0},
    {"keep-trailing-newline", NULL, "keep the template's last newline", 0},
    {0},
};

const struct command cmd_template = {.name = "template",
                                     .summary = "render any Jinja template to standard output",
                                     .operands = "FILE",
                                     .options = options,
                                     .run = run};
