#include <stdio.h>

int main(void)
{
    (void)puts("yellow " YELLOW_VERSION);
    return 0;
}
