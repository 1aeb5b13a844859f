#include "base/lazy.h"

#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

void *lazy_find(size_t index)
{
    const struct lazy_symbol *symbol = &lazy_symbols[index];
    void *library = dlopen(symbol->library, RTLD_LAZY | RTLD_LOCAL); /* never closed: its functions are in slots */
    void *function = library ? dlsym(library, symbol->name) : NULL;
    if (!function) {
        (void)fprintf(stderr, "yellow: %s\n", dlerror());
        _exit(3);
    }
    __atomic_store_n(&lazy_slots[index], function, __ATOMIC_RELEASE);
    return function;
}
