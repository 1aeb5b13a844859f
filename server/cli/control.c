#include "cli/control.h"

int control_open(const struct cli_args *args, struct server *out, struct err *err)
{
    return server_open(args->arena, cli_value(args, "server"), cli_value(args, "token-file"), out, err);
}

int control_check_name(const char *option, const char *value, bool stream, struct err *err)
{
    struct str rest = str_from(value), first = str_cut(&rest, '.');
    if (str_is_name(first) && (!rest.data || (stream && str_is_name(rest))))
        return 0;
    return err_set(err, ERR_USAGE, "--%s: \"%.80s\" is not a name", option, value);
}
