#include "control/instance.h"

#include "base/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

int instance_open(struct instance *instance, const char *state_dir, struct err *err)
{
    unsigned char random[16];
    char path[4096];
    *instance = (struct instance){.fd = -1};
    crypto_random(random, sizeof random);
    crypto_hex(random, sizeof random, instance->name);
    (void)snprintf(path, sizeof path, "%s/workers", state_dir);
    instance->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (instance->fd < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    if (flock(instance->fd, LOCK_EX | LOCK_NB) != 0)
        return 0;
    ssize_t got = pread(instance->fd, instance->former, sizeof instance->former - 1, 0);
    instance->former[got == (ssize_t)sizeof instance->former - 1 ? got : 0] = '\0';
    instance->owns = true;
    return 0;
}

int instance_take_over(struct instance *instance, struct err *err)
{
    size_t len = strlen(instance->name);
    if (!instance->owns)
        return 0;
    if (ftruncate(instance->fd, 0) != 0 || pwrite(instance->fd, instance->name, len, 0) != (ssize_t)len)
        return err_set(err, ERR_IO, "the file of the workers' name cannot be written: %s", strerror(errno));
    return 0;
}

void instance_close(struct instance *instance)
{
    if (instance->fd >= 0)
        (void)close(instance->fd);
    instance->fd = -1;
}
