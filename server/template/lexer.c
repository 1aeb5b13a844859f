#include "template/lexer.h"

#include "template/bigint.h"
#include "template/number.h"
#include "template/text.h"

#include <stdio.h>
#include <stdlib.h>

/* The text is cut as Jinja2's regular expressions cut it; the names of the functions are those of its states. */
struct lexer {
    struct compiler *c;
    struct tokens *out;
    const char *s;
    size_t len, at;
    bool line_starting; /* what was matched before ended with a newline */
    char open[256];     /* brackets that wait for their end */
    size_t open_len;
};

static const struct {
    const char *text;
    uint8_t kind;
} operators[] = {
    {"//", TOKEN_FLOORDIV}, {"**", TOKEN_POW},   {"==", TOKEN_EQ},      {"!=", TOKEN_NE},      {">=", TOKEN_GE},
    {"<=", TOKEN_LE},       {"+", TOKEN_ADD},    {"-", TOKEN_SUB},      {"/", TOKEN_DIV},      {"*", TOKEN_MUL},
    {"%", TOKEN_MOD},       {"~", TOKEN_TILDE},  {"[", TOKEN_LBRACKET}, {"]", TOKEN_RBRACKET}, {"(", TOKEN_LPAREN},
    {")", TOKEN_RPAREN},    {"{", TOKEN_LBRACE}, {"}", TOKEN_RBRACE},   {">", TOKEN_GT},       {"<", TOKEN_LT},
    {"=", TOKEN_ASSIGN},    {".", TOKEN_DOT},    {":", TOKEN_COLON},    {"|", TOKEN_PIPE},     {",", TOKEN_COMMA},
    {";", TOKEN_SEMICOLON},
};

_Noreturn void compile_fail(struct compiler *c, uint32_t pos, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *what = arena_vprintf(c->arena, fmt, args);
    va_end(args);
    struct place place = c->place;
    place.pos = pos;
    (void)error_at(c->err, ERR_SYNTAX, &place, what);
    longjmp(c->jump, 1);
}

const char *token_kind_name(enum token_kind kind)
{
    static const char *const names[] = {
        [TOKEN_DATA] = "template data / text",
        [TOKEN_VARIABLE_BEGIN] = "begin of print statement",
        [TOKEN_VARIABLE_END] = "end of print statement",
        [TOKEN_BLOCK_BEGIN] = "begin of statement block",
        [TOKEN_BLOCK_END] = "end of statement block",
        [TOKEN_NAME] = "name",
        [TOKEN_STRING] = "string",
        [TOKEN_INT] = "integer",
        [TOKEN_FLOAT] = "float",
        [TOKEN_EOF] = "end of template",
    };
    if (kind < sizeof names / sizeof *names && names[kind])
        return names[kind];
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (operators[i].kind == kind)
            return operators[i].text;
    }
    return "?";
}

const char *token_describe(struct compiler *c, const struct token *token)
{
    if (token->kind == TOKEN_NAME)
        return arena_printf(c->arena, "'" STR_FMT "'", STR_ARG(token->text));
    if (token->kind == TOKEN_EOF)
        return "end of template";
    return arena_printf(c->arena, "'%s'", token_kind_name(token->kind));
}

static struct token *emit(struct lexer *lx, enum token_kind kind, size_t pos)
{
    struct token *token = vec_push(lx->c->arena, lx->out);
    *token = (struct token){.kind = (uint8_t)kind, .pos = (uint32_t)pos};
    return token;
}

static bool looking_at(const struct lexer *lx, size_t at, const char *text)
{
    size_t n = strlen(text);
    return lx->len - at >= n && memcmp(lx->s + at, text, n) == 0;
}

static size_t skip_space(const struct lexer *lx, size_t at)
{
    return at + text_space_prefix((struct str){lx->s + at, lx->len - at});
}

static void emit_data(struct lexer *lx, size_t start, size_t end)
{
    if (end > start)
        emit(lx, TOKEN_DATA, start)->text = (struct str){lx->s + start, end - start};
}

/* The text before a tag, stripped as the tag's sign and lstrip_blocks say. */
static void data_before_tag(struct lexer *lx, size_t start, size_t end, char sign, bool variable)
{
    if (sign == '-') {
        end = start + text_rstrip((struct str){lx->s + start, end - start}).len;
    } else if (sign != '+' && lx->c->options->lstrip_blocks && !variable) {
        size_t line = end;
        while (line > start && lx->s[line - 1] != '\n')
            line--;
        if ((line > start || lx->line_starting) && skip_space(lx, line) >= end)
            end = line;
    }
    emit_data(lx, start, end);
}

/* After a tag's end: where the next text begins. */
static size_t after_end(const struct lexer *lx, size_t at, bool strip, bool trim)
{
    if (strip)
        return skip_space(lx, at);
    return trim && lx->c->options->trim_blocks && at < lx->len && lx->s[at] == '\n' ? at + 1 : at;
}

static void moved_to(struct lexer *lx, size_t at)
{
    lx->line_starting = at > 0 && lx->s[at - 1] == '\n';
    lx->at = at;
}

/* {% raw %} at `at`, which is at "{%": the offset behind it, or 0. */
static size_t raw_begin(const struct lexer *lx, size_t at, char *sign)
{
    size_t i = at + 2;
    *sign = i < lx->len && (lx->s[i] == '-' || lx->s[i] == '+') ? lx->s[i++] : 0;
    i = skip_space(lx, i);
    if (!looking_at(lx, i, "raw"))
        return 0;
    i = skip_space(lx, i + 3);
    if (looking_at(lx, i, "-%}"))
        return skip_space(lx, i + 3);
    return looking_at(lx, i, "%}") ? i + 2 : 0;
}

static void lex_raw(struct lexer *lx, size_t tag, size_t at)
{
    lx->line_starting = lx->s[at - 1] == '\n';
    for (size_t i = at; i + 1 < lx->len; i++) {
        if (!looking_at(lx, i, "{%"))
            continue;
        size_t end = i + 2;
        char sign = end < lx->len && (lx->s[end] == '-' || lx->s[end] == '+') ? lx->s[end++] : 0;
        end = skip_space(lx, end);
        if (!looking_at(lx, end, "endraw"))
            continue;
        end = skip_space(lx, end + 6);
        bool strip = looking_at(lx, end, "-%}"), plus = looking_at(lx, end, "+%}");
        if (!strip && !plus && !looking_at(lx, end, "%}"))
            continue;
        data_before_tag(lx, at, i, sign, false);
        moved_to(lx, after_end(lx, end + (strip || plus ? 3 : 2), strip, !plus));
        return;
    }
    compile_fail(lx->c, (uint32_t)tag, "missing end of raw directive");
}

static void lex_comment(struct lexer *lx, size_t tag, size_t at)
{
    for (size_t i = at; i + 1 < lx->len; i++) {
        bool strip = looking_at(lx, i, "-#}"), plus = looking_at(lx, i, "+#}");
        if (strip || plus || looking_at(lx, i, "#}")) {
            moved_to(lx, after_end(lx, i + (strip || plus ? 3 : 2), strip, !plus));
            return;
        }
    }
    compile_fail(lx->c, (uint32_t)tag, "missing end of comment tag");
}

/* The tag's end at the lexer's place, when there is one and no bracket is open. */
static bool lex_end(struct lexer *lx, bool variable)
{
    size_t at = lx->at;
    char c = lx->s[at];
    if (c != '-' && c != '+' && c != '}' && c != '%')
        return false;
    const char *end = variable ? "}}" : "%}";
    bool strip = lx->s[at] == '-' && looking_at(lx, at + 1, end);
    bool plus = !variable && lx->s[at] == '+' && looking_at(lx, at + 1, end);
    if (lx->open_len || (!strip && !plus && !looking_at(lx, at, end)))
        return false;
    emit(lx, variable ? TOKEN_VARIABLE_END : TOKEN_BLOCK_END, at);
    moved_to(lx, after_end(lx, at + (strip || plus ? 3 : 2), strip, !variable && !plus));
    return true;
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* (\d+_)*\d+ at `at`: where it ends, or at itself. */
static size_t digits_end(const struct lexer *lx, size_t at)
{
    while (at < lx->len && is_digit(lx->s[at])) {
        while (at < lx->len && is_digit(lx->s[at]))
            at++;
        if (at + 1 < lx->len && lx->s[at] == '_' && is_digit(lx->s[at + 1]))
            at++;
    }
    return at;
}

static bool lex_float(struct lexer *lx)
{
    size_t start = lx->at, whole = digits_end(lx, start), end = whole;
    if (start > 0 && lx->s[start - 1] == '.')
        return false;
    if (end + 1 < lx->len && lx->s[end] == '.' && is_digit(lx->s[end + 1]))
        end = digits_end(lx, end + 1);
    if (end < lx->len && (lx->s[end] == 'e' || lx->s[end] == 'E')) {
        size_t exponent = end + 1;
        if (exponent < lx->len && (lx->s[exponent] == '+' || lx->s[exponent] == '-'))
            exponent++;
        if (digits_end(lx, exponent) > exponent)
            end = digits_end(lx, exponent);
    }
    if (end == whole)
        return false;
    struct token *token = emit(lx, TOKEN_FLOAT, start);
    if (!number_parse_float((struct str){lx->s + start, end - start}, &token->as.d))
        compile_fail(lx->c, (uint32_t)start, "not a number");
    lx->at = end;
    return true;
}

static bool digit_of_base(char c, int base)
{
    return number_digit(c) < base;
}

static void lex_int(struct lexer *lx)
{
    size_t start = lx->at, at = start;
    int base = 10;
    char mark = at + 1 < lx->len ? (char)(lx->s[at + 1] | 0x20) : 0;
    if (lx->s[at] == '0' && (mark == 'x' || mark == 'o' || mark == 'b')) {
        int marked = mark == 'x' ? 16 : mark == 'o' ? 8 : 2;
        size_t first = at + 2 < lx->len && lx->s[at + 2] == '_' ? at + 3 : at + 2;
        if (first < lx->len && digit_of_base(lx->s[first], marked)) {
            base = marked;
            at = first;
        }
    }
    bool zeros = base == 10 && lx->s[at] == '0';
    size_t digits = at;
    while (at < lx->len && (digit_of_base(lx->s[at], zeros ? 1 : base) ||
                            (lx->s[at] == '_' && at + 1 < lx->len && digit_of_base(lx->s[at + 1], zeros ? 1 : base))))
        at++;
    struct token *token = emit(lx, TOKEN_INT, start);
    if (bigint_read(lx->c->arena, (struct str){lx->s + digits, at - digits}, base, false, &token->as.number) != 1)
        compile_fail(lx->c, (uint32_t)start, "integer of more than %d digits", BIGINT_DIGITS);
    lx->at = at;
}

static void lex_string(struct lexer *lx)
{
    size_t start = lx->at, at = start + 1;
    char quote = lx->s[start];
    bool escapes = false;
    while (at < lx->len && lx->s[at] != quote) {
        if (lx->s[at] == '\\') {
            escapes = true;
            at++;
        }
        at++;
    }
    if (at >= lx->len)
        compile_fail(lx->c, (uint32_t)start, "unexpected char '%c': a string without its end", quote);
    struct str text = {lx->s + start + 1, at - start - 1};
    const char *why = NULL;
    if (escapes && !text_unescape(lx->c->arena, text, &text, &why))
        compile_fail(lx->c, (uint32_t)start, "%s", why);
    emit(lx, TOKEN_STRING, start)->text = text;
    lx->at = at + 1;
}

static void balance(struct lexer *lx, enum token_kind kind, char c)
{
    if (kind == TOKEN_LPAREN || kind == TOKEN_LBRACKET || kind == TOKEN_LBRACE) {
        if (lx->open_len == sizeof lx->open)
            compile_fail(lx->c, (uint32_t)lx->at, "brackets nested too deep");
        lx->open[lx->open_len++] = kind == TOKEN_LPAREN ? ')' : kind == TOKEN_LBRACKET ? ']' : '}';
    } else if (kind == TOKEN_RPAREN || kind == TOKEN_RBRACKET || kind == TOKEN_RBRACE) {
        if (!lx->open_len)
            compile_fail(lx->c, (uint32_t)lx->at, "unexpected '%c'", c);
        char expected = lx->open[--lx->open_len];
        if (expected != c)
            compile_fail(lx->c, (uint32_t)lx->at, "unexpected '%c', expected '%c'", c, expected);
    }
}

static void lex_operator(struct lexer *lx)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (lx->s[lx->at] == operators[i].text[0] && looking_at(lx, lx->at, operators[i].text)) {
            balance(lx, operators[i].kind, lx->s[lx->at]);
            (void)emit(lx, operators[i].kind, lx->at);
            lx->at += strlen(operators[i].text);
            return;
        }
    }
    compile_fail(lx->c, (uint32_t)lx->at, "unexpected char '%.*s'",
                 (int)text_char_len((struct str){lx->s + lx->at, lx->len - lx->at}), lx->s + lx->at);
}

static void lex_name(struct lexer *lx)
{
    size_t start = lx->at;
    unsigned char all = 0; /* ASCII that begins here is no digit: it needs no further look */
    while (lx->at < lx->len && is_name_byte(lx->s[lx->at]))
        all |= (unsigned char)lx->s[lx->at++];
    struct str text = {lx->s + start, lx->at - start};
    if (all >= 0x80 && !text_is_identifier(text))
        compile_fail(lx->c, (uint32_t)start, "invalid character in identifier");
    emit(lx, TOKEN_NAME, start)->text = text;
}

static void lex_tag(struct lexer *lx, bool variable)
{
    while (lx->at < lx->len) {
        if (lex_end(lx, variable))
            return;
        size_t next = skip_space(lx, lx->at);
        char c = lx->s[lx->at];
        if (next > lx->at)
            lx->at = next;
        else if (is_digit(c)) {
            if (!lex_float(lx))
                lex_int(lx);
        } else if (is_name_byte(c))
            lex_name(lx);
        else if (c == '\'' || c == '"')
            lex_string(lx);
        else
            lex_operator(lx);
    }
}

/* One piece of text and the tag behind it. */
static void lex_root(struct lexer *lx)
{
    size_t start = lx->at, at = start;
    for (; at + 1 < lx->len; at++) {
        const char *brace = memchr(lx->s + at, '{', lx->len - at);
        at = brace ? (size_t)(brace - lx->s) : lx->len;
        if (at + 1 < lx->len && (lx->s[at + 1] == '{' || lx->s[at + 1] == '%' || lx->s[at + 1] == '#'))
            break;
    }
    if (at + 1 >= lx->len) {
        emit_data(lx, start, lx->len);
        lx->at = lx->len;
        return;
    }
    char kind = lx->s[at + 1], sign = 0;
    size_t raw = kind == '%' ? raw_begin(lx, at, &sign) : 0;
    if (!raw)
        sign = at + 2 < lx->len && (lx->s[at + 2] == '-' || lx->s[at + 2] == '+') ? lx->s[at + 2] : 0;
    data_before_tag(lx, start, at, sign, kind == '{');
    size_t inside = at + (sign ? 3 : 2);
    lx->line_starting = false;
    if (raw) {
        lex_raw(lx, at, raw);
    } else if (kind == '#') {
        lex_comment(lx, at, inside);
    } else {
        (void)emit(lx, kind == '{' ? TOKEN_VARIABLE_BEGIN : TOKEN_BLOCK_BEGIN, at);
        lx->at = inside;
        lex_tag(lx, kind == '{');
    }
}

void lexer_run(struct compiler *c, struct tokens *out)
{
    struct lexer lx = {
        .c = c, .out = out, .s = c->place.source.data, .len = c->place.source.len, .line_starting = true};
    if (!c->options->keep_trailing_newline && lx.len > 0 && lx.s[lx.len - 1] == '\n')
        lx.len--;
    /* About as many as there will be. */
    out->cap = lx.len / 6 + 8;
    out->items = arena_take(c->arena, out->cap * sizeof *out->items);
    while (lx.at < lx.len)
        lex_root(&lx);
    (void)emit(&lx, TOKEN_EOF, lx.len);
}
