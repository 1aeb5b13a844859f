#include "git/fetch.h"

int main(int argc, char **argv)
{
    return argc < 2 ? 2 : git_fetch_child(argc - 1, argv + 1);
}
