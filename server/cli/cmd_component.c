#include "cli/command.h"
#include "cli/folder.h"
#include "stack/describe.h"
#include "stack/library.h"

/* yellow component|assembly list|show: declarations as documentation, the built-in ones and those of a model. */

enum { NEAR = 3 };

static void print(struct arena *arena, json_t *json)
{
    struct buf *text = buf_new(arena);
    json_write(text, json_own(arena, json));
    (void)puts(buf_text(text));
}

/* The first sentence or line of a text that explains. */
static void print_line(const char *name, const char *doc)
{
    const char *end = strstr(doc, ". ");
    (void)printf("%-26s %.*s\n", name, end ? (int)(end - doc) + 1 : (int)strlen(doc), doc);
}

static void list_components(const struct cli_args *args, const struct stack_library *library, json_t *list)
{
    map_each(entry, library_components(library))
    {
        const struct component *component = entry->value;
        json_array_append_new(list, describe_component(args->arena, component));
        if (!cli_has(args, "json"))
            print_line(component->name, component->doc);
    }
}

static void list_assemblies(const struct cli_args *args, const struct stack_library *library, json_t *list)
{
    map_each(entry, library_assemblies(library))
    {
        const struct assembly *assembly = entry->value;
        json_array_append_new(list, describe_assembly(args->arena, assembly));
        if (!cli_has(args, "json"))
            print_line(assembly->name, assembly->doc);
    }
}

/* Those of the model first, as the API has them. */
static int list_all(const struct cli_args *args, const struct stack_library *library, const char *what,
                    void (*one)(const struct cli_args *, const struct stack_library *, json_t *))
{
    json_t *list = json_array();
    for (; library; library = library_base(library))
        one(args, library, list);
    if (cli_has(args, "json"))
        print(args->arena, json_pack("{s:O}", what, list));
    json_decref(list);
    return 0;
}

static int print_components(const struct cli_args *args, const struct stack_library *library, struct err *err)
{
    (void)err;
    return list_all(args, library, "components", list_components);
}

static int print_assemblies(const struct cli_args *args, const struct stack_library *library, struct err *err)
{
    (void)err;
    return list_all(args, library, "assemblies", list_assemblies);
}

/* With the name that was meant, when one is near. */
static int not_found(const struct cli_args *args, const struct stack_library *library, const char *what,
                     const struct map *(*all)(const struct stack_library *), struct err *err)
{
    struct str name = str_from(args->operands[0]), nearest = {0};
    size_t best = NEAR;
    for (; library; library = library_base(library)) {
        map_each(entry, all(library))
        {
            size_t distance = str_distance(name, entry->key, best);
            if (distance < best) {
                best = distance;
                nearest = entry->key;
            }
        }
    }
    (void)err_set(err, ERR_NOT_FOUND, "there is no %s \"%s\"", what, args->operands[0]);
    return nearest.len ? err_hint(err, "did you mean: yellow %s show " STR_FMT, what, STR_ARG(nearest))
                       : err_hint(err, "yellow %s list shows them", what);
}

static int show_component(const struct cli_args *args, const struct stack_library *library, struct err *err)
{
    const struct component *component = library_component(library, args->operands[0]);
    struct buf *text = buf_new(args->arena);
    if (!component)
        return not_found(args, library, "component", library_components, err);
    if (cli_has(args, "json")) {
        print(args->arena, describe_component(args->arena, component));
        return 0;
    }
    describe_component_text(args->arena, component, text);
    (void)fputs(buf_text(text), stdout);
    return 0;
}

static int show_assembly(const struct cli_args *args, const struct stack_library *library, struct err *err)
{
    const struct assembly *assembly = library_assembly(library, args->operands[0]);
    struct buf *text = buf_new(args->arena);
    if (!assembly)
        return not_found(args, library, "assembly", library_assemblies, err);
    if (cli_has(args, "json")) {
        print(args->arena, describe_assembly(args->arena, assembly));
        return 0;
    }
    describe_assembly_text(args->arena, assembly, text);
    (void)fputs(buf_text(text), stdout);
    return 0;
}

static int print_doc(const struct cli_args *args, const struct stack_library *library, struct err *err)
{
    struct buf *text = buf_new(args->arena);
    (void)err;
    describe_library(args->arena, library, text);
    (void)fputs(buf_text(text), stdout);
    return 0;
}

/* The library with what the model of a folder declares; all that is wrong with the model is on standard error. */
static int add_model(const struct cli_args *args, const struct stack_library *base, const struct stack_library **out,
                     struct err *err)
{
    struct findings findings = {.arena = args->arena};
    const char *dir = cli_value(args, "model");
    struct model *model;
    int rc = folder_load(args->arena, dir, &findings, &model, err);
    if (rc < 0)
        return rc;
    *out = library_with_model(args->arena, base, model, &findings);
    if (!findings.errors)
        return 0;
    struct buf *text = buf_new(args->arena);
    findings_sort(&findings);
    findings_print(&findings, text);
    (void)fputs(buf_text(text), stderr);
    return err_set(err, ERR_INVALID, "%s: %zu errors", dir, findings.errors);
}

static int with_library(const struct command *command, const struct cli_args *args,
                        int (*fn)(const struct cli_args *, const struct stack_library *, struct err *), struct err *err)
{
    struct stack_library *base = NULL;
    int rc = command_check_operands(command, args, command->operands ? 1 : 0, err);
    if (rc == 0)
        rc = stack_library_new(&base, err);
    const struct stack_library *library = base;
    if (rc == 0 && command->options && cli_value(args, "model"))
        rc = add_model(args, base, &library, err);
    if (rc == 0)
        rc = fn(args, library, err);
    stack_library_free(base);
    return rc;
}

static int run_component_list(const struct cli_args *args, struct err *err)
{
    return with_library(&cmd_component_list, args, print_components, err);
}

static int run_component_show(const struct cli_args *args, struct err *err)
{
    return with_library(&cmd_component_show, args, show_component, err);
}

static int run_component_doc(const struct cli_args *args, struct err *err)
{
    return with_library(&cmd_component_doc, args, print_doc, err);
}

static int run_assembly_list(const struct cli_args *args, struct err *err)
{
    return with_library(&cmd_assembly_list, args, print_assemblies, err);
}

static int run_assembly_show(const struct cli_args *args, struct err *err)
{
    return with_library(&cmd_assembly_show, args, show_assembly, err);
}

static const struct cli_option options[] = {
    {"model", "FOLDER", "with the components and assemblies of the model in that folder", 0},
    {"json", NULL, "print it as JSON", 0},
    {0},
};

const struct command cmd_component_list = {.name = "component list",
                                           .summary = "list the components that an assembly can use",
                                           .options = options,
                                           .run = run_component_list};
const struct command cmd_component_show = {.name = "component show",
                                           .summary =
                                               "show a component's parameters, and what it provides and requires",
                                           .operands = "NAME",
                                           .options = options,
                                           .run = run_component_show};
const struct command cmd_component_doc = {
    .name = "component doc", .summary = "print all components and assemblies as Markdown", .run = run_component_doc};
const struct command cmd_assembly_list = {.name = "assembly list",
                                          .summary = "list the assemblies that a PSP can name",
                                          .options = options,
                                          .run = run_assembly_list};
const struct command cmd_assembly_show = {.name = "assembly show",
                                          .summary = "show an assembly's parameters and components",
                                          .operands = "NAME",
                                          .options = options,
                                          .run = run_assembly_show};
