#include "base/textdiff.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct arena *arena;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(textdiff, .init = setup, .fini = teardown);

static const char *unified(const char *from, const char *to, struct textdiff_count *counts)
{
    struct buf *out = buf_new(arena);
    textdiff_unified(arena, "a", str_from(from), "b", str_from(to), out, counts);
    return buf_text(out);
}

Test(textdiff, equal_texts_have_no_difference)
{
    struct textdiff_count counts;
    cr_assert_str_eq(unified("x\ny\n", "x\ny\n", &counts), "");
    cr_assert_eq(counts.added + counts.removed, 0);
    cr_assert_str_eq(unified("", "", NULL), "");
}

Test(textdiff, a_changed_line_stands_between_three_lines_of_context)
{
    struct textdiff_count counts;
    cr_assert_str_eq(unified("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n", &counts),
                     "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
    cr_assert_eq(counts.added, 1);
    cr_assert_eq(counts.removed, 1);
}

Test(textdiff, changes_far_apart_are_hunks_of_their_own_and_near_ones_are_one)
{
    cr_assert_str_eq(unified("1\n2\n3\n4\n5\n6\n7\n8\n", "one\n2\n3\n4\n5\n6\n7\neight\n", NULL),
                     "--- a\n+++ b\n@@ -1,8 +1,8 @@\n-1\n+one\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+eight\n");
    cr_assert_str_eq(unified("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "one\n2\n3\n4\n5\n6\n7\n8\nnine\n", NULL),
                     "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+nine\n");
}

Test(textdiff, files_that_come_go_or_lack_their_last_line_feed_are_written_as_diff_does)
{
    cr_assert_str_eq(unified("", "x\n", NULL), "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n");
    cr_assert_str_eq(unified("x\ny\n", "", NULL), "--- a\n+++ b\n@@ -1,2 +0,0 @@\n-x\n-y\n");
    cr_assert_str_eq(unified("x", "x\n", NULL), "--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n");
}

/* What patch would make of text: lines before a hunk are copied, its '-' lines have to be there. */
static const char *patched(struct str text, const char *diff)
{
    struct buf *out = buf_new(arena);
    struct str rest = str_from(diff);
    long at = 1;
    (void)str_cut(&rest, '\n');
    (void)str_cut(&rest, '\n');
    while (rest.len) {
        struct str line = str_cut(&rest, '\n');
        if (str_starts(line, STR("@@ -"))) {
            for (long first = strtol(line.data + 4, NULL, 10); at < first; at++) {
                struct str kept = str_cut(&text, '\n');
                buf_addf(out, STR_FMT "\n", STR_ARG(kept));
            }
            continue;
        }
        struct str own = {line.data + 1, line.len - 1};
        if (line.data[0] != '+') {
            struct str had = str_cut(&text, '\n');
            cr_assert(str_eq(had, own), STR_FMT " is not " STR_FMT, STR_ARG(had), STR_ARG(own));
            at++;
        }
        if (line.data[0] != '-')
            buf_addf(out, STR_FMT "\n", STR_ARG(own));
    }
    buf_add_str(out, text);
    return buf_text(out);
}

static const char *lines(unsigned *seed, unsigned max, unsigned kinds)
{
    struct buf *text = buf_new(arena);
    for (unsigned n = (unsigned)rand_r(seed) % max; n; n--)
        buf_addf(text, "%c\n", 'a' + (char)((unsigned)rand_r(seed) % kinds));
    return buf_text(text);
}

/* The length of the longest common subsequence of lines that are one letter each. */
static size_t common(const char *a, const char *b)
{
    size_t n = strlen(a) / 2, m = strlen(b) / 2, row[32] = {0};
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = 0;
        for (size_t j = 1; j <= m; j++) {
            size_t above = row[j];
            row[j] = a[2 * (i - 1)] == b[2 * (j - 1)] ? diagonal + 1 : above > row[j - 1] ? above : row[j - 1];
            diagonal = above;
        }
    }
    return row[m];
}

Test(textdiff, the_difference_of_small_texts_is_a_shortest_one)
{
    unsigned seed = 7;
    for (int i = 0; i < 3000; i++) {
        const char *a = lines(&seed, 30, 2 + (unsigned)i % 5), *b = lines(&seed, 30, 2 + (unsigned)i % 5);
        struct textdiff_count counts;
        (void)unified(a, b, &counts);
        size_t kept = common(a, b);
        cr_assert_eq(counts.removed, strlen(a) / 2 - kept, "%s against %s", a, b);
        cr_assert_eq(counts.added, strlen(b) / 2 - kept, "%s against %s", a, b);
    }
}

/* So many changes that the search for the shortest path gives up: the difference is right still. */
Test(textdiff, texts_with_little_in_common_are_compared_in_bounded_time_and_rightly)
{
    struct buf *a = buf_new(arena), *b = buf_new(arena);
    unsigned seed = 11;
    for (int i = 0; i < 20000; i++) {
        buf_addf(a, "line %d\n", rand_r(&seed) % 3 ? i : rand_r(&seed) % 50);
        buf_addf(b, "line %d\n", rand_r(&seed) % 3 ? i : rand_r(&seed) % 50);
    }
    cr_assert_str_eq(patched(buf_str(a), unified(buf_text(a), buf_text(b), NULL)), buf_text(b));
}
