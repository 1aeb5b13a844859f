#include "cli/command.h"
#include "stack/describe.h"

/* yellow component|assembly list|show: the built-in declarations as documentation. */

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

static int list_components(const struct cli_args *args, const struct stack_library *library, struct err *err)
{
    json_t *list = json_array();
    (void)err;
    map_each(entry, library_components(library))
    {
        const struct component *component = entry->value;
        json_array_append_new(list, describe_component(args->arena, component));
        if (!cli_has(args, "json"))
            print_line(component->name, component->doc);
    }
    if (cli_has(args, "json"))
        print(args->arena, json_pack("{s:O}", "components", list));
    json_decref(list);
    return 0;
}

static int list_assemblies(const struct cli_args *args, const struct stack_library *library, struct err *err)
{
    json_t *list = json_array();
    (void)err;
    map_each(entry, library_assemblies(library))
    {
        const struct assembly *assembly = entry->value;
        json_array_append_new(list, describe_assembly(args->arena, assembly));
        if (!cli_has(args, "json"))
            print_line(assembly->name, assembly->doc);
    }
    if (cli_has(args, "json"))
        print(args->arena, json_pack("{s:O}", "assemblies", list));
    json_decref(list);
    return 0;
}

static int show_component(const struct cli_args *args, const struct stack_library *library, struct err *err)
{
    const struct component *component = library_component(library, args->operands[0]);
    struct buf *text = buf_new(args->arena);
    if (!component) {
        err_set(err, ERR_NOT_FOUND, "there is no component %s", args->operands[0]);
        return err_hint(err, "yellow component list shows them");
    }
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
    if (!assembly) {
        err_set(err, ERR_NOT_FOUND, "there is no assembly %s", args->operands[0]);
        return err_hint(err, "yellow assembly list shows them");
    }
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

static int with_library(const struct command *command, const struct cli_args *args,
                        int (*fn)(const struct cli_args *, const struct stack_library *, struct err *), struct err *err)
{
    struct stack_library *library = NULL;
    int rc = command_check_operands(command, args, command->operands ? 1 : 0, err);
    if (rc == 0)
        rc = stack_library_new(&library, err);
    if (rc == 0)
        rc = fn(args, library, err);
    stack_library_free(library);
    return rc;
}

static int run_component_list(const struct cli_args *args, struct err *err)
{
    return with_library(&cmd_component_list, args, list_components, err);
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
    return with_library(&cmd_assembly_list, args, list_assemblies, err);
}

static int run_assembly_show(const struct cli_args *args, struct err *err)
{
    return with_library(&cmd_assembly_show, args, show_assembly, err);
}

static const struct cli_option options[] = {
    {"json", NULL, "print it as JSON", 0},
    {0},
};

const struct command cmd_component_list = {
    .name = "component list", .summary = "list the built-in components", .options = options, .run = run_component_list};
const struct command cmd_component_show = {.name = "component show",
                                           .summary =
                                               "show a component's parameters, and what it provides and requires",
                                           .operands = "NAME",
                                           .options = options,
                                           .run = run_component_show};
const struct command cmd_component_doc = {
    .name = "component doc", .summary = "print all components and assemblies as Markdown", .run = run_component_doc};
const struct command cmd_assembly_list = {
    .name = "assembly list", .summary = "list the built-in assemblies", .options = options, .run = run_assembly_list};
const struct command cmd_assembly_show = {.name = "assembly show",
                                          .summary = "show an assembly's parameters and components",
                                          .operands = "NAME",
                                          .options = options,
                                          .run = run_assembly_show};
