#include "base/arena.h"
#include "cli/command.h"

int main(int argc, char **argv)
{
    arena_keep_pages();
    return command_main(argc, argv);
}
