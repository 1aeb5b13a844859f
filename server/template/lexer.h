#ifndef YELLOW_TEMPLATE_LEXER_H
#define YELLOW_TEMPLATE_LEXER_H

#include "base/err.h"
#include "base/vec.h"
#include "template/error.h"
#include "template/template.h"

#include <setjmp.h>

/* What compiling one text needs. Errors leave by longjmp to template_compile: everything is on the arena. */
struct compiler {
    struct arena *arena;
    const struct template_options *options;
    struct place place; /* of the whole text */
    struct err *err;
    jmp_buf jump;
};

_Noreturn void compile_fail(struct compiler *c, uint32_t pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

enum token_kind {
    TOKEN_DATA,
    TOKEN_VARIABLE_BEGIN,
    TOKEN_VARIABLE_END,
    TOKEN_BLOCK_BEGIN,
    TOKEN_BLOCK_END,
    TOKEN_NAME,
    TOKEN_STRING,
    TOKEN_INT,
    TOKEN_FLOAT,
    TOKEN_ADD,
    TOKEN_SUB,
    TOKEN_DIV,
    TOKEN_FLOORDIV,
    TOKEN_MUL,
    TOKEN_MOD,
    TOKEN_POW,
    TOKEN_TILDE,
    TOKEN_LBRACKET,
    TOKEN_RBRACKET,
    TOKEN_LPAREN,
    TOKEN_RPAREN,
    TOKEN_LBRACE,
    TOKEN_RBRACE,
    TOKEN_EQ,
    TOKEN_NE,
    TOKEN_GT,
    TOKEN_GE,
    TOKEN_LT,
    TOKEN_LE,
    TOKEN_ASSIGN,
    TOKEN_DOT,
    TOKEN_COLON,
    TOKEN_PIPE,
    TOKEN_COMMA,
    TOKEN_SEMICOLON,
    TOKEN_EOF
};

struct token {
    uint8_t kind;
    uint32_t pos;
    struct str text; /* data, names, strings (unescaped) */
    union {
        struct value number; /* of TOKEN_INT */
        double d;
    } as;
};

struct tokens {
    struct token *items; /* the last one is TOKEN_EOF */
    size_t len, cap;
};

/* Splits the whole text. */
void lexer_run(struct compiler *c, struct tokens *out);
/* "'name'", "','", "end of template": for messages. */
const char *token_describe(struct compiler *c, const struct token *token);
const char *token_kind_name(enum token_kind kind);

#endif
