#include "stack/parameter.h"

#include "model/resources.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* RFC 1123 label: a Kubernetes object's name as far as every kind allows it. */
static bool is_label(struct str s, size_t max)
{
    if (s.len == 0 || s.len > max || s.data[0] == '-' || s.data[s.len - 1] == '-')
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!((s.data[i] >= 'a' && s.data[i] <= 'z') || (s.data[i] >= '0' && s.data[i] <= '9') || s.data[i] == '-'))
            return false;
    return true;
}

static bool is_k8s_name(struct str s)
{
    return is_label(s, 63);
}

/* Labels with dots between them, as DNS has it: at most 253 bytes. */
static bool is_dotted(struct str s)
{
    if (s.len > 253)
        return false;
    while (s.data) {
        struct str label = str_cut(&s, '.');
        if (!is_label(label, 63))
            return false;
    }
    return true;
}

static bool has_only(struct str s, const char *more, size_t max)
{
    if (s.len == 0 || s.len > max)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alnum && (c == '\0' || !strchr(more, c)))
            return false;
    }
    return true;
}

static bool is_image(struct str s)
{
    return has_only(s, "._-/:@", 255) && s.data[0] != '-' && s.data[0] != '.' && s.data[0] != '/';
}

static bool is_quantity(struct str s)
{
    int64_t milli;
    return quantity_parse(s, &milli);
}

static bool is_pull_policy(struct str s)
{
    return str_eqz(s, "IfNotPresent") || str_eqz(s, "Always") || str_eqz(s, "Never");
}

/* Printable text without line breaks: a template quotes it, so nothing else has to be refused. */
static bool is_string(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.data[i] < 0x20 || s.data[i] == 0x7f)
            return false;
    return s.len <= 4096 && str_is_utf8(s);
}

static const struct {
    const char *name, *expects;
    bool (*text)(struct str); /* for types whose values are texts */
    json_type json;           /* for the others */
} types[PARAMETER_TYPE_COUNT] = {
    [PARAMETER_K8S_NAME] = {"k8s-name", "a Kubernetes name (lower-case letters, digits and '-', at most 63)",
                            is_k8s_name, JSON_STRING},
    [PARAMETER_NAMESPACE] = {"namespace", "a namespace (RFC 1123 label, at most 63)", is_k8s_name, JSON_STRING},
    [PARAMETER_HOSTNAME] = {"hostname", "a host name (DNS labels with dots between them)", is_dotted, JSON_STRING},
    [PARAMETER_PORT] = {"port", "a port (1 to 65535)", NULL, JSON_INTEGER},
    [PARAMETER_QUANTITY] = {"quantity", "a Kubernetes quantity (256Mi, 500m, 2)", is_quantity, JSON_STRING},
    [PARAMETER_STORAGE] = {"storage", "a storage size (20Gi)", is_quantity, JSON_STRING},
    [PARAMETER_STORAGE_CLASS] = {"storage-class", "a storage class name", is_dotted, JSON_STRING},
    [PARAMETER_IMAGE] = {"image", "an image reference (registry/name:tag)", is_image, JSON_STRING},
    [PARAMETER_PULL_POLICY] = {"pull-policy", "IfNotPresent, Always or Never", is_pull_policy, JSON_STRING},
    [PARAMETER_CREDENTIAL] = {"credential", "the name of a credential", str_is_name, JSON_STRING},
    [PARAMETER_STRING] = {"string", "a text of one line", is_string, JSON_STRING},
    [PARAMETER_INTEGER] = {"integer", "an integer", NULL, JSON_INTEGER},
    [PARAMETER_BOOLEAN] = {"boolean", "true or false", NULL, JSON_TRUE},
    [PARAMETER_ENUM] = {"enum", "one of the declared values", NULL, JSON_STRING},
    [PARAMETER_LIST] = {"list", "a list", NULL, JSON_ARRAY},
    [PARAMETER_MAP] = {"map", "a map", NULL, JSON_OBJECT},
};

const char *parameter_type_name(enum parameter_type type)
{
    return types[type].name;
}

const char *parameter_type_expects(enum parameter_type type)
{
    return types[type].expects;
}

static bool enum_has(const json_t *values, const char *text)
{
    size_t i;
    json_t *value;
    json_array_foreach((json_t *)values, i,
                       value) if (json_is_string(value) && strcmp(json_string_value(value), text) == 0) return true;
    return false;
}

bool parameter_type_fits(enum parameter_type from, enum parameter_type to)
{
    static const struct {
        enum parameter_type from, to;
    } fits[] = {
        {PARAMETER_NAMESPACE, PARAMETER_K8S_NAME}, {PARAMETER_K8S_NAME, PARAMETER_NAMESPACE},
        {PARAMETER_NAMESPACE, PARAMETER_HOSTNAME}, {PARAMETER_K8S_NAME, PARAMETER_HOSTNAME},
        {PARAMETER_STORAGE, PARAMETER_QUANTITY},   {PARAMETER_QUANTITY, PARAMETER_STORAGE},
        {PARAMETER_PORT, PARAMETER_INTEGER},
    };
    if (from == to)
        return true;
    for (size_t i = 0; i < sizeof fits / sizeof *fits; i++)
        if (fits[i].from == from && fits[i].to == to)
            return true;
    return to == PARAMETER_STRING && types[from].json == JSON_STRING;
}

const char *parameter_type_text(struct arena *arena, const struct parameter *parameter)
{
    const char *text = types[parameter->type].name;
    if (parameter->type == PARAMETER_LIST && parameter->items != PARAMETER_TYPE_COUNT)
        text = arena_printf(arena, "list of %s", types[parameter->items].name);
    for (size_t i = 0; i < parameter->fields.len; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? ", " : " with ", parameter->fields.items[i].name);
    return text;
}

/* Where no shape is declared, texts and keys are texts of one line all the same. Recursion is bounded by the depth that
 * documents may have. */
static bool accepts_anything(const json_t *value)
{
    const char *key;
    json_t *item;
    size_t i;
    if (json_is_string(value))
        return is_string((struct str){json_string_value(value), json_string_length(value)});
    json_array_foreach((json_t *)(uintptr_t)value, i, item) if (!accepts_anything(item)) return false;
    json_object_foreach((json_t *)(uintptr_t)value, key,
                        item) if (!is_string(str_from(key)) || !accepts_anything(item)) return false;
    return true;
}

static bool accepts_fields(const struct parameters *fields, const json_t *map)
{
    const char *key;
    json_t *value;
    if (!fields->len)
        return accepts_anything(map);
    json_object_foreach((json_t *)(uintptr_t)map, key, value) if (!parameters_find(fields, key)) return false;
    for (size_t i = 0; i < fields->len; i++) {
        const json_t *given = json_object_get(map, fields->items[i].name);
        if (!parameter_accepts(&fields->items[i], given ? given : json_null()))
            return false;
    }
    return true;
}

static bool accepts_items(const struct parameter *parameter, const json_t *list)
{
    const struct parameter each = {
        .type = parameter->items, .items = PARAMETER_TYPE_COUNT, .fields = parameter->fields, .required = true};
    size_t i;
    json_t *item;
    if (parameter->items == PARAMETER_TYPE_COUNT)
        return accepts_anything(list);
    json_array_foreach((json_t *)(uintptr_t)list, i, item) if (!parameter_accepts(&each, item)) return false;
    return true;
}

bool parameter_accepts(const struct parameter *parameter, const json_t *value)
{
    if (json_is_null(value))
        return !parameter->required;
    if (parameter->type == PARAMETER_BOOLEAN)
        return json_is_boolean(value);
    if (json_typeof(value) != types[parameter->type].json)
        return false;
    if (parameter->type == PARAMETER_PORT)
        return json_integer_value(value) >= 1 && json_integer_value(value) <= 65535;
    if (parameter->type == PARAMETER_ENUM)
        return enum_has(parameter->values, json_string_value(value));
    if (parameter->type == PARAMETER_MAP)
        return accepts_fields(&parameter->fields, value);
    if (parameter->type == PARAMETER_LIST)
        return accepts_items(parameter, value);
    if (!types[parameter->type].text)
        return true;
    return types[parameter->type].text((struct str){json_string_value(value), json_string_length(value)});
}

const struct parameter *parameters_find(const struct parameters *parameters, const char *name)
{
    for (size_t i = 0; i < parameters->len; i++)
        if (strcmp(parameters->items[i].name, name) == 0)
            return &parameters->items[i];
    return NULL;
}

/* Decimal, 0x or 0o, as YAML 1.2 has them; what does not fit stays a text. */
static json_t *integer_value(struct str text)
{
    bool octal = str_starts(text, STR("0o")), hexadecimal = str_starts(text, STR("0x"));
    errno = 0;
    long long n = strtoll(text.data + (octal ? 2 : 0), NULL, octal ? 8 : hexadecimal ? 16 : 10);
    return errno ? json_stringn(text.data, text.len) : json_integer(n);
}

/* JSON has no infinity: what overflows, and .inf and .nan, stay texts. */
static json_t *real_value(struct str text)
{
    double n = strtod(text.data, NULL);
    bool plain = strpbrk(text.data, "0123456789") && isfinite(n);
    return plain ? json_real(n) : json_stringn(text.data, text.len);
}

static json_t *scalar_value(const struct yaml_node *node)
{
    switch (node->scalar) {
    case YAML_NULL:
        return json_null();
    case YAML_BOOL:
        return json_boolean(node->text.data[0] == 't' || node->text.data[0] == 'T');
    case YAML_INT:
        return integer_value(node->text);
    case YAML_FLOAT:
        return real_value(node->text);
    case YAML_STRING:
        break;
    }
    return json_stringn(node->text.data, node->text.len);
}

static json_t *convert(const struct yaml_node *node)
{
    json_t *value;
    switch (node->type) {
    case YAML_SEQUENCE:
        value = json_array();
        for (size_t i = 0; i < node->len; i++)
            json_array_append_new(value, convert(&node->items[i]));
        return value;
    case YAML_MAPPING:
        value = json_object();
        for (size_t i = 0; i < node->len; i++)
            json_object_set_new(value, node->keys[i].text.data, convert(&node->items[i]));
        return value;
    case YAML_SCALAR:
        break;
    }
    return scalar_value(node);
}

json_t *parameter_value(struct arena *arena, const struct yaml_node *node)
{
    return json_own(arena, convert(node));
}

static bool type_parse(struct str text, enum parameter_type *out)
{
    for (size_t i = 0; i < PARAMETER_TYPE_COUNT; i++) {
        if (str_eqz(text, types[i].name)) {
            *out = (enum parameter_type)i;
            return true;
        }
    }
    return false;
}

/* Requested and limit memory and CPU, as everywhere. */
static struct parameter memory_cpu[] = {
    {.name = "memory", .type = PARAMETER_QUANTITY, .items = PARAMETER_TYPE_COUNT, .required = true},
    {.name = "cpu", .type = PARAMETER_QUANTITY, .items = PARAMETER_TYPE_COUNT, .required = true},
};
static struct parameter resource_fields[] = {
    {.name = "requests",
     .type = PARAMETER_MAP,
     .items = PARAMETER_TYPE_COUNT,
     .fields = {memory_cpu, 2},
     .required = true},
    {.name = "limits",
     .type = PARAMETER_MAP,
     .items = PARAMETER_TYPE_COUNT,
     .fields = {memory_cpu, 2},
     .required = true},
};

static int read_list(struct arena *arena, const char *file, const struct yaml_node *list, bool nested,
                     struct parameters *out, struct err *err);

static int read_shape(struct arena *arena, const char *file, const struct yaml_node *node, struct parameter *out,
                      struct err *err)
{
    const struct yaml_node *items = yaml_get(node, "items"), *fields = yaml_get(node, "fields");
    out->items = PARAMETER_TYPE_COUNT;
    if (items && (out->type != PARAMETER_LIST || !type_parse(items->text, &out->items)))
        return err_set(err, ERR_SYNTAX, "%s:%u: parameter %s: items is a type, and goes with type list", file,
                       node->line, out->name);
    if (!fields)
        return 0;
    if (out->type != PARAMETER_MAP && out->items != PARAMETER_MAP)
        return err_set(err, ERR_SYNTAX, "%s:%u: parameter %s: fields goes with a map or a list of maps", file,
                       node->line, out->name);
    if (fields->type == YAML_SCALAR && str_eqz(fields->text, "resources")) {
        out->fields = (struct parameters){resource_fields, 2};
        return 0;
    }
    return read_list(arena, file, fields, true, &out->fields, err);
}

static int check_keys(const char *file, const struct yaml_node *node, struct err *err)
{
    static const char *const known[] = {"name",   "type",  "doc",    "required", "default",
                                        "values", "items", "fields", NULL};
    for (size_t i = 0; node->type == YAML_MAPPING && i < node->len; i++) {
        size_t k = 0;
        while (known[k] && !str_eqz(node->keys[i].text, known[k]))
            k++;
        if (!known[k])
            return err_set(err, ERR_SYNTAX, "%s:%u: a parameter has no key %s", file, node->keys[i].line,
                           node->keys[i].text.data);
    }
    return 0;
}

static bool is_text(const struct yaml_node *node)
{
    return node && node->type == YAML_SCALAR;
}

static int read_one(struct arena *arena, const char *file, const struct yaml_node *node, bool nested,
                    struct parameter *out, struct err *err)
{
    const struct yaml_node *name = yaml_get(node, "name"), *type = yaml_get(node, "type"), *doc = yaml_get(node, "doc"),
                           *required = yaml_get(node, "required"), *fallback = yaml_get(node, "default"),
                           *values = yaml_get(node, "values");
    if (!is_text(name) || !is_text(type) || (!nested && !is_text(doc)))
        return err_set(err, ERR_SYNTAX, "%s:%u: a parameter needs name, type and doc", file, node->line);
    *out = (struct parameter){
        .name = name->text.data, .doc = is_text(doc) ? doc->text.data : "", .file = file, .line = node->line};
    int rc = check_keys(file, node, err);
    if (rc < 0)
        return rc;
    if (!type_parse(type->text, &out->type))
        return err_set(err, ERR_SYNTAX, "%s:%u: parameter %s: there is no type %s", file, node->line, out->name,
                       type->text.data);
    out->required = required && str_eqz(required->text, "true");
    out->values = values ? parameter_value(arena, values) : NULL;
    if ((out->type == PARAMETER_ENUM) != json_is_array(out->values))
        return err_set(err, ERR_SYNTAX, "%s:%u: parameter %s: values: goes with type enum, and only there", file,
                       node->line, out->name);
    rc = read_shape(arena, file, node, out, err);
    if (rc < 0 || !fallback)
        return rc;
    out->fallback = parameter_value(arena, fallback);
    if (!parameter_accepts(out, out->fallback))
        return err_set(err, ERR_SYNTAX, "%s:%u: parameter %s: its default is not %s", file, node->line, out->name,
                       types[out->type].expects);
    return 0;
}

static int read_list(struct arena *arena, const char *file, const struct yaml_node *list, bool nested,
                     struct parameters *out, struct err *err)
{
    *out = (struct parameters){0};
    if (!list)
        return 0;
    if (list->type != YAML_SEQUENCE)
        return err_set(err, ERR_SYNTAX, "%s:%u: %s is a list", file, list->line, nested ? "fields" : "parameters");
    struct parameters read = {arena_calloc(arena, list->len, sizeof *read.items), 0};
    for (size_t i = 0; i < list->len; i++) {
        int rc = read_one(arena, file, &list->items[i], nested, &read.items[i], err);
        if (rc < 0)
            return rc;
        if (parameters_find(&read, read.items[i].name))
            return err_set(err, ERR_SYNTAX, "%s:%u: parameter %s is declared twice", file, list->items[i].line,
                           read.items[i].name);
        read.len++;
    }
    *out = read;
    return 0;
}

int parameters_read(struct arena *arena, const char *file, const struct yaml_node *list, struct parameters *out,
                    struct err *err)
{
    return read_list(arena, file, list, false, out, err);
}
