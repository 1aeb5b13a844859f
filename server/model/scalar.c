#include "model/scalar.h"

#include "base/err.h"
#include "model/cron.h"
#include "model/datatype.h"
#include "model/resources.h"
#include "model/zone_name.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || is_digit(c);
}

static bool is_letter_or_digit(char c)
{
    return is_lower_or_digit((char)(c | 0x20)) && (is_digit(c) || (c | 0x20) >= 'a');
}

bool scalar_is_label(struct str text)
{
    if (text.len == 0 || text.len > 63 || text.data[0] == '-' || text.data[text.len - 1] == '-')
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!is_lower_or_digit(text.data[i]) && text.data[i] != '-')
            return false;
    return true;
}

bool scalar_is_subdomain(struct str text)
{
    if (text.len > 253)
        return false;
    struct str rest = text;
    do
        if (!scalar_is_label(str_cut(&rest, '.')))
            return false;
    while (rest.data);
    return true;
}

bool scalar_duration(struct str text, int64_t *seconds)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    if (text.len < 2 || !is_digit(text.data[0]))
        return false;
    int64_t number;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (text.data[text.len - 1] == units[i].unit &&
            str_int64((struct str){text.data, text.len - 1}, 1, 1000000, &number)) {
            *seconds = number * units[i].seconds;
            return true;
        }
    return false;
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

static bool check_text(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)arena, (void)canonical;
    if (!has_control(text))
        return true;
    *why = "it holds a control character";
    return false;
}

static bool check_raw(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)arena, (void)text, (void)canonical, (void)why;
    return true;
}

static bool check_name(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)arena, (void)canonical, (void)why;
    return str_is_name(str_from(text));
}

static bool check_identifier(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)arena, (void)canonical, (void)why;
    size_t len = strlen(text);
    return len >= 1 && len <= 63 && !has_control(text);
}

static bool check_quantity(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)arena, (void)canonical, (void)why;
    int64_t milli;
    return quantity_parse(str_from(text), &milli);
}

static bool check_duration(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)arena, (void)canonical, (void)why;
    int64_t seconds;
    return scalar_duration(str_from(text), &seconds);
}

static bool check_cron(struct arena *arena, const char *text, const char *word, const char **why)
{
    struct err err = {0};
    if (strcmp(text, word) == 0 || cron_parse(str_from(text), NULL, &err) == 0)
        return true;
    *why = arena_strdup(arena, err.text);
    return false;
}

static bool check_schedule(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)canonical;
    return check_cron(arena, text, "external", why);
}

static bool check_trigger(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)canonical;
    return check_cron(arena, text, "inputs", why);
}

static bool check_datatype(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    struct datatype type;
    struct err err; /* not cleared: it is larger than all the work on a type that is right */
    if (datatype_parse(str_from(text), &type, &err)) {
        *why = arena_strdup(arena, err.text);
        return false;
    }
    *canonical = datatype_text(arena, &type);
    return true;
}

static bool check_team(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)arena, (void)canonical, (void)why;
    struct str team = str_from(text), zone = str_cut(&team, '/');
    return str_is_name(zone) && str_is_name(team);
}

static bool is_path(struct str text)
{
    if (text.len == 0 || text.len > 255)
        return false;
    struct str rest = text;
    do {
        struct str part = str_cut(&rest, '/');
        if (part.len == 0 || str_eqz(part, ".") || str_eqz(part, ".."))
            return false;
        for (size_t i = 0; i < part.len; i++)
            if ((unsigned char)part.data[i] < 0x20 || part.data[i] == '\\' || part.data[i] == ':')
                return false;
    } while (rest.data);
    return true;
}

static bool check_location(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)arena, (void)canonical, (void)why;
    struct str path = str_from(text), vendor = str_cut(&path, ':');
    return str_is_name(vendor) && is_path(path);
}

static bool check_path(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)arena, (void)canonical, (void)why;
    return is_path(str_from(text));
}

static bool check_label(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)arena, (void)canonical, (void)why;
    return scalar_is_label(str_from(text));
}

static bool check_subdomain(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)arena, (void)canonical, (void)why;
    return scalar_is_subdomain(str_from(text));
}

static bool check_host(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)arena, (void)canonical, (void)why;
    size_t len = strlen(text);
    if (len == 0 || len > 253 || text[0] == '-' || text[0] == '.')
        return false;
    bool address = strchr(text, ':') != NULL; /* IPv6 */
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool good = address ? is_digit(c) || c == ':' || c == '.' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
                            : is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
        if (!good)
            return false;
    }
    return true;
}

static bool check_url(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)arena, (void)canonical;
    struct str url = str_from(text);
    if (!str_starts(url, STR("http://")) && !str_starts(url, STR("https://")))
        return false;
    const char *host = strchr(text, '/') + 2;
    size_t host_len = strcspn(host, "/?#");
    if (host_len == 0 || strcspn(text, " \"'<>\\^`{|}") != url.len || has_control(text))
        return false;
    if (memchr(host, '@', host_len)) {
        *why = "a credential is never part of an address: name a Credential instead";
        return false;
    }
    return true;
}

static bool check_pointer(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)arena, (void)canonical, (void)why;
    if (*text && *text != '/')
        return false;
    for (const char *c = text; *c; c++)
        if (*c == '~' && c[1] != '0' && c[1] != '1')
            return false;
    return !has_control(text);
}

static bool check_stream(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)arena, (void)canonical, (void)why;
    struct str dataset = str_from(text), store = str_cut(&dataset, '.');
    return str_is_name(store) && (!dataset.data || str_is_name(dataset));
}

static bool check_image(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)arena, (void)canonical, (void)why;
    size_t len = strlen(text);
    if (len == 0 || len > 512 || !is_letter_or_digit(text[0]))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_letter_or_digit(text[i]) && !strchr("._-/:@", text[i]))
            return false;
    return true;
}

static bool check_timezone(struct arena *arena, const char *text, const char **canonical, const char **why)
{
    (void)canonical;
    if (zone_name_is_known(text))
        return true;
    const char *nearest = zone_name_nearest(text);
    if (nearest)
        *why = arena_printf(arena, "there is no such time zone; did you mean %s", nearest);
    return false;
}

/* Patterns say what the functions above say, for tools that have no more than a pattern; tests/e2e/schemas.py compares
 * the two on many texts. */
#define NAME "[A-Za-z][A-Za-z0-9_-]{0,62}"
#define LABEL "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
#define CONTROL "\\u0000-\\u001f"
#define PART "(?!\\.{1,2}(/|$))[^/\\\\:" CONTROL "]+"
#define PARTS PART "(/" PART ")*"
#define IN_URL "\"'<>\\\\^`{|} " CONTROL "\\u007f"
#define FIVE "\\s*\\S+(\\s+\\S+){4}\\s*"

/* clang-format off */
const struct scalar_type scalar_types[SCALAR_COUNT] = {
    [SCALAR_TEXT] = {"text", "one line of text", "bad-text", false, "^[^" CONTROL "\\u007f]*$", 0, true, check_text},
    [SCALAR_RAW] = {"raw text", "any text", "bad-text", false, NULL, 0, true, check_raw},
    [SCALAR_NAME] = {"name", "a letter, then at most 62 letters, digits, _ and -", "bad-name", false, "^" NAME "$", 63, true, check_name},
    [SCALAR_IDENTIFIER] = {"identifier", "1 to 63 bytes without control characters", "bad-name", false, "^[^" CONTROL "\\u007f]+$", 63, true, check_identifier},
    [SCALAR_QUANTITY] = {"quantity", "a Kubernetes quantity above zero, such as 500m, 2 or 1.5Gi", "bad-quantity", true, "^(?=[0-9.]*[1-9])([0-9]+\\.?[0-9]*|\\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$", 0, false, check_quantity},
    [SCALAR_DURATION] = {"duration", "a number and a unit: 90s, 5m, 2h or 1d", "bad-duration", false, "^0*([1-9][0-9]{0,5}|1000000)[smhd]$", 0, true, check_duration},
    [SCALAR_SCHEDULE] = {"schedule", "cron's five fields, or external", "bad-schedule", false, "^(external|" FIVE ")$", 0, false, check_schedule},
    [SCALAR_TRIGGER] = {"trigger", "inputs, or cron's five fields", "bad-schedule", false, "^(inputs|" FIVE ")$", 0, false, check_trigger},
    [SCALAR_DATATYPE] = {"type", "a column type, such as int64, decimal(10,2), varchar(20) or array<text>", "bad-type", false, NULL, 0, false, check_datatype},
    [SCALAR_TEAM] = {"team", "zone/team", "bad-team", false, "^" NAME "/" NAME "$", 0, true, check_team},
    [SCALAR_LOCATION] = {"location", "Vendor:PATH, such as MyCorp:USA/NY_1", "bad-location", false, "^" NAME ":" PARTS "$", 319, false, check_location},
    [SCALAR_LOCATION_PATH] = {"location path", "parts joined by /, such as USA/NY_1", "bad-location", false, "^" PARTS "$", 255, true, check_path},
    [SCALAR_LABEL] = {"RFC 1123 label", "at most 63 lower-case letters, digits and -, not at an end", "bad-label", false, "^" LABEL "$", 63, true, check_label},
    [SCALAR_SUBDOMAIN] = {"RFC 1123 subdomain", "RFC 1123 labels joined by dots", "bad-label", false, "^" LABEL "(\\." LABEL ")*$", 253, true, check_subdomain},
    [SCALAR_HOST] = {"host", "a host name or an IP address", "bad-host", false, "^(?![.-])([A-Za-z0-9._-]+|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$", 253, true, check_host},
    [SCALAR_URL] = {"URL", "an http or https address", "bad-url", false, "^https?://[^@/?#" IN_URL "]+([/?#][^" IN_URL "]*)?$", 0, true, check_url},
    [SCALAR_POINTER] = {"JSON pointer", "RFC 6901, such as /data/items", "bad-pointer", false, "^(/([^~" CONTROL "\\u007f]|~[01])*)?$", 0, true, check_pointer},
    [SCALAR_PATH] = {"path", "a path in the repository, without .. and not absolute", "bad-path", false, "^" PARTS "$", 255, true, check_path},
    [SCALAR_STREAM] = {"stream", "store, or store.dataset", "bad-stream", false, "^" NAME "(\\." NAME ")?$", 0, true, check_stream},
    [SCALAR_IMAGE] = {"image", "a container image reference", "bad-image", false, "^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,511}$", 512, true, check_image},
    [SCALAR_TIMEZONE] = {"time zone", "a name of the tz database, such as UTC or Europe/Dublin", "bad-timezone", false, "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$", 0, false, check_timezone},
};
/* clang-format on */

static bool in_list(struct str text, const char *const *list)
{
    for (; *list; list++) {
        size_t i = 0;
        while (i < text.len && (*list)[i] && (text.data[i] | 0x20) == (*list)[i])
            i++;
        if (i == text.len && !(*list)[i])
            return true;
    }
    return false;
}

/* Integers in any base, with underscores, base 60, floats, dates: what begins like a number and holds nothing else
 * than numbers are made of. */
static bool looks_numeric(struct str text)
{
    size_t i = text.data[0] == '-' || text.data[0] == '+';
    if (i == text.len)
        return false;
    if (text.data[i] == '.')
        i++;
    if (i == text.len || !is_digit(text.data[i]))
        return false;
    bool hex = text.data[0] == '0' && text.len > 2 && text.data[1] == 'x';
    size_t dashes = 0, exponents = 0, dots = i && text.data[i - 1] == '.';
    for (i++; i < text.len; i++) {
        char c = text.data[i], low = (char)(c | 0x20);
        dots += c == '.';
        if (hex ? is_digit(c) || c == '_' || (low >= 'a' && low <= 'f') || i == 1 : is_digit(c) || strchr("_.:+", c))
            continue;
        if (!hex && c == '-')
            dashes++;
        else if (!hex && low == 'e' && i + 1 < text.len)
            exponents++;
        else if (!hex && (low == 'o' || low == 'b') && i == 1 && text.len > 2)
            continue;
        else if (!hex && (low == 't' || low == 'z' || c == ' ') && dashes == 2)
            continue;
        else
            return false;
    }
    return exponents <= 1 && dots <= 1 && (dashes == 0 || dashes == 2 || exponents == 1);
}

bool scalar_ambiguous(struct str text)
{
    static const char *const words[] = {"y",     "n",    "yes",  "no",    "on",    "off",  "true",
                                        "false", "null", ".inf", "-.inf", "+.inf", ".nan", NULL};
    if (text.len == 0)
        return true;
    char first = text.data[0];
    if (is_letter_or_digit(first) && !is_digit(first)) /* as nearly all texts */
        return text.len <= 5 && strchr("ynotfYNOTF", first) && in_list(text, words);
    if (str_eqz(text, "~") || str_eqz(text, "=") || str_eqz(text, "<<"))
        return true;
    return in_list(text, words) || looks_numeric(text);
}
