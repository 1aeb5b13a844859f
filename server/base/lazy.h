#ifndef YELLOW_BASE_LAZY_H
#define YELLOW_BASE_LAZY_H

#include <stddef.h>

/* Shared libraries that are loaded when one of their functions is first called. Loading all that libpq, libcurl,
 * libgit2 and libmicrohttpd need takes longer than most commands take to do their work. script/lazy writes, at build
 * time, a function for each one that the program calls in them: it jumps to where its slot points, and the first time
 * goes through lazy_find. Callers, prototypes and tests know nothing of it. */
struct lazy_symbol {
    const char *library, *name; /* "libpq.so.5", "PQexec" */
};
extern const struct lazy_symbol lazy_symbols[];
extern void *lazy_slots[];

/* Loads the library of that symbol and fills its slot. Ends the program, with status 3, when there is no such library:
 * as the dynamic linker would have done at its start. */
void *lazy_find(size_t index);

/* LAZY_FUNCTION(index, name) is the function; LAZY_ENTER, once, is what it goes through the first time: it keeps the
 * registers that carry arguments. The functions are hidden: no library may find them instead of its own. */
#define LAZY_TEXT_(x) #x
#define LAZY_TEXT(x) LAZY_TEXT_(x)
#define LAZY_BEGIN(name) ".text\n.balign 16\n.globl " name "\n.hidden " name "\n.type " name ",%function\n" name ":\n"
#define LAZY_END(name) ".size " name ",.-" name "\n"

#if defined __x86_64__ && defined __LP64__

/* The call left rsp at 8 modulo 16; index and rbp are pushed; 7 * 8 + 8 * 16 bytes make it 0 for the next call. */
#define LAZY_ENTER                                                                                                     \
    __asm__(LAZY_BEGIN("lazy_enter") "pushq %rbp\n movq %rsp, %rbp\n subq $184, %rsp\n"                                \
                                     "movq %rdi, (%rsp)\n movq %rsi, 8(%rsp)\n movq %rdx, 16(%rsp)\n"                  \
                                     "movq %rcx, 24(%rsp)\n movq %r8, 32(%rsp)\n movq %r9, 40(%rsp)\n"                 \
                                     "movq %rax, 48(%rsp)\n movups %xmm0, 56(%rsp)\n movups %xmm1, 72(%rsp)\n"         \
                                     "movups %xmm2, 88(%rsp)\n movups %xmm3, 104(%rsp)\n movups %xmm4, 120(%rsp)\n"    \
                                     "movups %xmm5, 136(%rsp)\n movups %xmm6, 152(%rsp)\n movups %xmm7, 168(%rsp)\n"   \
                                     "movq 8(%rbp), %rdi\n call lazy_find\n movq %rax, %r11\n"                         \
                                     "movq (%rsp), %rdi\n movq 8(%rsp), %rsi\n movq 16(%rsp), %rdx\n"                  \
                                     "movq 24(%rsp), %rcx\n movq 32(%rsp), %r8\n movq 40(%rsp), %r9\n"                 \
                                     "movq 48(%rsp), %rax\n movups 56(%rsp), %xmm0\n movups 72(%rsp), %xmm1\n"         \
                                     "movups 88(%rsp), %xmm2\n movups 104(%rsp), %xmm3\n movups 120(%rsp), %xmm4\n"    \
                                     "movups 136(%rsp), %xmm5\n movups 152(%rsp), %xmm6\n movups 168(%rsp), %xmm7\n"   \
                                     "leave\n addq $8, %rsp\n jmp *%r11\n" LAZY_END("lazy_enter"))
#define LAZY_FUNCTION(index, name)                                                                                     \
    __asm__(LAZY_BEGIN(#name) "endbr64\n movq lazy_slots+8*" LAZY_TEXT(                                                \
        index) "(%rip), %r11\n"                                                                                        \
               "testq %r11, %r11\n je 1f\n jmp *%r11\n"                                                                \
               "1: pushq $" LAZY_TEXT(index) "\n jmp lazy_enter\n" LAZY_END(#name))

#elif defined __aarch64__

/* x16 and x17 are the linker's own between a call and its function. */
#define LAZY_ENTER                                                                                                     \
    __asm__(LAZY_BEGIN("lazy_enter") "stp x29, x30, [sp, #-224]!\n mov x29, sp\n"                                      \
                                     "stp x0, x1, [sp, #16]\n stp x2, x3, [sp, #32]\n stp x4, x5, [sp, #48]\n"         \
                                     "stp x6, x7, [sp, #64]\n str x8, [sp, #80]\n stp q0, q1, [sp, #96]\n"             \
                                     "stp q2, q3, [sp, #128]\n stp q4, q5, [sp, #160]\n stp q6, q7, [sp, #192]\n"      \
                                     "mov x0, x17\n bl lazy_find\n mov x16, x0\n"                                      \
                                     "ldp x0, x1, [sp, #16]\n ldp x2, x3, [sp, #32]\n ldp x4, x5, [sp, #48]\n"         \
                                     "ldp x6, x7, [sp, #64]\n ldr x8, [sp, #80]\n ldp q0, q1, [sp, #96]\n"             \
                                     "ldp q2, q3, [sp, #128]\n ldp q4, q5, [sp, #160]\n ldp q6, q7, [sp, #192]\n"      \
                                     "ldp x29, x30, [sp], #224\n br x16\n" LAZY_END("lazy_enter"))
#define LAZY_FUNCTION(index, name)                                                                                     \
    __asm__(LAZY_BEGIN(#name) "hint #34\n adrp x16, lazy_slots+8*" LAZY_TEXT(                                          \
        index) "\n"                                                                                                    \
               "ldr x16, [x16, :lo12:lazy_slots+8*" LAZY_TEXT(index) "]\n cbz x16, 1f\n br x16\n"                      \
                                                                     "1: mov x17, #" LAZY_TEXT(                        \
                                                                         index) "\n b lazy_enter\n" LAZY_END(#name))

#endif

#endif
