#include "http/http.h"

#include <strings.h>

/* How well range (of Accept) fits type: 0 not at all, 1 by star-slash-star, 2 by type/star, 3 exactly. */
static int fit(struct str range, const char *type)
{
    const char *slash = strchr(type, '/');
    size_t major = slash ? (size_t)(slash - type) + 1 : strlen(type);
    if (str_eqz(range, "*/*"))
        return 1;
    if (range.len == major + 1 && range.data[major] == '*' && strncasecmp(range.data, type, major) == 0)
        return 2;
    return range.len == strlen(type) && strncasecmp(range.data, type, range.len) == 0 ? 3 : 0;
}

/* Thousandths of a q parameter, "0.7" -> 700; 1000 when malformed or absent. */
static int quality(struct str params)
{
    while (params.data) {
        struct str p = str_trim(str_cut(&params, ';'));
        if (p.len < 3 || (p.data[0] | 0x20) != 'q' || p.data[1] != '=')
            continue;
        int q = p.data[2] == '1' ? 1000 : 0, scale = 100;
        for (size_t i = 4; i < p.len && p.data[2] == '0' && scale; i++, scale /= 10) {
            if (p.data[i] < '0' || p.data[i] > '9')
                return 1000;
            q += (p.data[i] - '0') * scale;
        }
        return q;
    }
    return 1000;
}

const char *http_negotiate(const struct http_request *req, const char *const *types, size_t n)
{
    const char *accept = http_header(req, "Accept");
    if (!accept || !*accept)
        return types[0];
    const char *best = NULL;
    int best_quality = 0;
    for (size_t i = 0; i < n; i++) {
        int best_fit = 0, q = 0;
        struct str list = str_from(accept);
        while (list.data) {
            struct str params = str_cut(&list, ',');
            struct str range = str_trim(str_cut(&params, ';'));
            int f = fit(range, types[i]);
            if (f > best_fit) {
                best_fit = f;
                q = quality(params);
            }
        }
        if (q > best_quality) {
            best = types[i];
            best_quality = q;
        }
    }
    return best;
}
