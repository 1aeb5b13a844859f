#include "git/kit.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A real sshd on loopback with throwaway keys, which lets this user in by key. */
struct forge {
    struct kit kit;
    FILE *log;
    pid_t pid;
    int port;
};

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void forge_start(struct forge *forge)
{
    struct kit *kit = &forge->kit;
    int log[2];
    char line[512];
    kit_init(kit);
    forge->port = free_port();
    kit_sh(kit,
           "mkdir -p home/.ssh && ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f key && "
           "cp key.pub authorized && ssh-keygen -q -t ed25519 -N '' -f stranger");
    kit_sh(kit,
           "echo \"[127.0.0.1]:%d $(cut -d' ' -f1,2 host.pub)\" >home/.ssh/known_hosts && "
           "printf '%%s\\n' 'Port %d' 'ListenAddress 127.0.0.1' \"HostKey $PWD/host\" \"AuthorizedKeysFile "
           "$PWD/authorized\" "
           "'StrictModes no' 'UsePAM no' 'PidFile none' 'PasswordAuthentication no' >sshd_config",
           forge->port, forge->port);
    if (geteuid() == 0)
        mkdir("/run/sshd", 0755); /* sshd will not start without its empty folder */
    cr_assert_eq(pipe(log), 0);
    const char *config = arena_printf(kit->arena, "%s/sshd_config", kit->root);
    forge->pid = fork();
    if (forge->pid == 0) {
        dup2(log[1], 2);
        execl("/usr/sbin/sshd", "/usr/sbin/sshd", "-D", "-e", "-f", config, NULL);
        _exit(127);
    }
    close(log[1]);
    forge->log = fdopen(log[0], "r");
    do
        cr_assert(fgets(line, sizeof line, forge->log), "sshd does not start");
    while (!strstr(line, "Server listening on"));
    const char *user = kit_sh(kit, "id -un");
    kit->url = arena_printf(kit->arena, "ssh://%s@127.0.0.1:%d%s/origin.git", user, forge->port, kit->root);
    setenv("HOME", arena_printf(kit->arena, "%s/home", kit->root), 1);
    setenv("YELLOW_GIT_SSH_KEY", arena_printf(kit->arena, "%s/key", kit->root), 1);
}

static void forge_stop(struct forge *forge)
{
    kill(forge->pid, SIGTERM);
    waitpid(forge->pid, NULL, 0);
    fclose(forge->log);
    kit_dispose(&forge->kit);
}

static bool no_sshd(void)
{
    return access("/usr/sbin/sshd", X_OK) != 0;
}

static void expect_unavailable(struct forge *forge, const char *text)
{
    char head[GIT_OID_TEXT];
    struct err err = {0};
    cr_expect_eq(kit_fetch(&forge->kit, head, &err), -ERR_UNAVAILABLE, "%s", err.text);
    cr_expect(str_starts(str_from(err.text), str_from(text)), "%s", err.text);
}

Test(git_ssh, a_repository_is_fetched_with_a_key_from_a_known_host)
{
    struct forge forge;
    char head[GIT_OID_TEXT];
    struct err err = {0};
    if (no_sshd())
        cr_skip_test("no /usr/sbin/sshd");
    forge_start(&forge);
    for (int i = 0; i < 2; i++) {
        const char *oid = kit_push(&forge.kit, "commit");
        cr_expect_eq(kit_fetch(&forge.kit, head, &err), 0, "%s", err.text);
        cr_expect_str_eq(head, oid);
    }
    forge_stop(&forge);
}

Test(git_ssh, a_host_that_is_not_known_is_refused)
{
    struct forge forge;
    if (no_sshd())
        cr_skip_test("no /usr/sbin/sshd");
    forge_start(&forge);
    kit_push(&forge.kit, "first");
    kit_sh(&forge.kit, ": >home/.ssh/known_hosts");
    expect_unavailable(&forge, "cannot reach the repository: invalid or unknown remote ssh hostkey");
    kit_sh(&forge.kit, "echo \"[127.0.0.1]:%d $(cut -d' ' -f1,2 stranger.pub)\" >home/.ssh/known_hosts", forge.port);
    expect_unavailable(&forge, "cannot reach the repository: invalid or unknown remote ssh hostkey");
    forge_stop(&forge);
}

Test(git_ssh, a_key_that_is_not_authorized_is_refused)
{
    struct forge forge;
    if (no_sshd())
        cr_skip_test("no /usr/sbin/sshd");
    forge_start(&forge);
    kit_push(&forge.kit, "first");
    setenv("YELLOW_GIT_SSH_KEY", arena_printf(forge.kit.arena, "%s/stranger", forge.kit.root), 1);
    expect_unavailable(&forge, "cannot reach the repository: the repository refuses the credential");
    unsetenv("YELLOW_GIT_SSH_KEY");
    expect_unavailable(
        &forge, "cannot reach the repository: the repository asks for an SSH key and YELLOW_GIT_SSH_KEY is not set");
    forge_stop(&forge);
}
