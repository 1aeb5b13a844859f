#include "template/lexer.h"

#include <criterion/criterion.h>

static struct tokens lex(struct arena *arena, const char *text, struct err *err)
{
    static const struct template_options options = {0};
    struct compiler *c = arena_alloc(arena, sizeof *c);
    struct tokens *tokens = arena_alloc(arena, sizeof *tokens);
    *c = (struct compiler){.arena = arena, .options = &options, .place = {"t", str_from(text), 0}, .err = err};
    if (setjmp(c->jump) == 0)
        lexer_run(c, tokens);
    return *tokens;
}

Test(lexer, a_text_is_cut_into_tokens_with_their_places)
{
    struct arena *arena = arena_new();
    struct err err = {0};
    struct tokens tokens = lex(arena, "a {{ x.y|f(1, 2.5, 'q\\n') }}", &err);
    static const uint8_t kinds[] = {TOKEN_DATA,   TOKEN_VARIABLE_BEGIN, TOKEN_NAME,         TOKEN_DOT,
                                    TOKEN_NAME,   TOKEN_PIPE,           TOKEN_NAME,         TOKEN_LPAREN,
                                    TOKEN_INT,    TOKEN_COMMA,          TOKEN_FLOAT,        TOKEN_COMMA,
                                    TOKEN_STRING, TOKEN_RPAREN,         TOKEN_VARIABLE_END, TOKEN_EOF};
    cr_assert_eq(tokens.len, sizeof kinds);
    for (size_t i = 0; i < sizeof kinds; i++)
        cr_assert_eq(tokens.items[i].kind, kinds[i], "token %zu", i);
    cr_assert_eq(tokens.items[2].pos, 5);
    cr_assert(str_eqz(tokens.items[12].text, "q\n"));
    cr_assert_eq(tokens.items[8].as.number.as.i, 1);
    cr_assert_eq(tokens.items[10].as.d, 2.5);
    arena_free(arena);
}

static void refuses(const char *text, const char *wanted)
{
    struct arena *arena = arena_new();
    struct err err = {0};
    (void)lex(arena, text, &err);
    cr_assert_str_eq(err.text, wanted);
    arena_free(arena);
}

Test(lexer, what_is_no_token_is_refused_at_its_place)
{
    refuses("a\n{{ $ }}", "t:2:4: unexpected char '$'\n    {{ $ }}");
    refuses("{{ 'a }}", "t:1:4: unexpected char ''': a string without its end\n    {{ 'a }}");
    refuses("{{ (] }}", "t:1:5: unexpected ']', expected ')'\n    {{ (] }}");
    refuses("{{ ) }}", "t:1:4: unexpected ')'\n    {{ ) }}");
    refuses("x {# y", "t:1:3: missing end of comment tag\n    x {# y");
    refuses("{% raw %}", "t:1:1: missing end of raw directive\n    {% raw %}");
}
