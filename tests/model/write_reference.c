#include "model/reference.h"

#include <stdio.h>
#include <string.h>

/* Prints the second half of docs/model.md, or with "checks" that of docs/checks.md. */
int main(int argc, char **argv)
{
    struct buf out = {0};
    if (argc == 2 && strcmp(argv[1], "checks") == 0)
        checks_reference(&out);
    else
        model_reference(&out);
    (void)fputs(buf_text(&out), stdout);
    buf_dispose(&out);
    return 0;
}
