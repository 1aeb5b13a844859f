#include "model/wanted.h"

#include "base/str.h"

bool model_wants(const char *path)
{
    static const char *const endings[] = {".yaml", ".yml", ".sql", ".j2"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (str_ends(str_from(path), str_from(endings[i])))
            return true;
    return false;
}
