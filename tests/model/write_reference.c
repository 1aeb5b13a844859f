#include "model/reference.h"

#include <stdio.h>

/* Prints the second half of docs/model.md. */
int main(void)
{
    struct buf out = {0};
    model_reference(&out);
    (void)fputs(buf_text(&out), stdout);
    buf_dispose(&out);
    return 0;
}
