#include "model/reference.h"
#include "model/schema.h"

#include <stdio.h>

static int write_schema(struct buf *out, const char *name)
{
    enum object_kind kind;
    bool model = strcmp(name, "model") == 0;
    if (!model && !object_kind_parse(name, &kind))
        return 2;
    json_t *schema = model ? schema_of_model() : schema_of_kind(kind);
    schema_write(out, schema);
    json_decref(schema);
    return 0;
}

/* Prints what is generated: `model` and `checks`, halves of the pages of that name; `kinds`; `schema KIND`. */
int main(int argc, char **argv)
{
    struct buf out = {0};
    const char *what = argc > 1 ? argv[1] : "";
    int rc = 0;
    if (strcmp(what, "model") == 0)
        model_reference(&out);
    else if (strcmp(what, "checks") == 0)
        checks_reference(&out);
    else if (strcmp(what, "kinds") == 0)
        for (int i = 0; i < OBJECT_KIND_COUNT; i++)
            buf_addf(&out, "%s\n", object_kind_names[i]);
    else if (strcmp(what, "schema") == 0 && argc == 3)
        rc = write_schema(&out, argv[2]);
    else
        rc = 2;
    (void)fputs(buf_text(&out), stdout);
    buf_dispose(&out);
    return rc;
}
