#include "base/textdiff.h"

#include "base/map.h"
#include "base/vec.h"

/* A search for the middle of the shortest path gives up after so many steps and takes the best point so far: without
 * it, texts with nothing in common take time by the square of their length. */
enum { COST_MAX = 256 };

struct side {
    struct str *lines; /* each with its line feed */
    uint32_t *ids;     /* equal lines have equal numbers */
    bool *marked;      /* removed, or added */
    size_t len;
};

struct work {
    const struct side *a, *b;
    int32_t *forward, *backward; /* furthest x on a diagonal k, at k + middle */
    ptrdiff_t middle;
};

/* A box of the edit graph: lines [a0, a1) against [b0, b1). */
struct box {
    ptrdiff_t a0, a1, b0, b1;
};

struct point {
    ptrdiff_t x, y;
};

static struct str cut_line(struct str *rest)
{
    const char *end = memchr(rest->data, '\n', rest->len);
    size_t len = end ? (size_t)(end - rest->data) + 1 : rest->len;
    struct str line = {rest->data, len};
    *rest = (struct str){rest->data + len, rest->len - len};
    return line;
}

static struct side split(struct arena *arena, struct str text, struct map *known)
{
    struct side side = {0};
    size_t n = text.len && text.data[text.len - 1] != '\n';
    for (size_t i = 0; i < text.len; i++)
        n += text.data[i] == '\n';
    side.lines = arena_calloc(arena, n, sizeof *side.lines);
    side.ids = arena_calloc(arena, n, sizeof *side.ids);
    side.marked = arena_calloc(arena, n, sizeof *side.marked);
    for (; text.len; side.len++) {
        struct str line = cut_line(&text);
        uintptr_t id = (uintptr_t)map_get(known, line);
        if (!id) {
            id = known->len + 1;
            map_put(known, line, (void *)id);
        }
        side.lines[side.len] = line;
        side.ids[side.len] = (uint32_t)id;
    }
    return side;
}

static bool same(const struct work *w, ptrdiff_t x, ptrdiff_t y)
{
    return w->a->ids[x] == w->b->ids[y];
}

/* One step of all forward paths to distance d; true when one of them meets a backward path: *out is where. */
static bool step_forward(struct work *w, const struct box *box, ptrdiff_t d, struct point *out)
{
    ptrdiff_t n = box->a1 - box->a0, m = box->b1 - box->b0, delta = n - m;
    int32_t *f = w->forward + w->middle, *r = w->backward + w->middle;
    for (ptrdiff_t k = -d; k <= d; k += 2) {
        ptrdiff_t x = k == -d || (k != d && f[k - 1] < f[k + 1]) ? f[k + 1] : f[k - 1] + 1, y = x - k;
        while (x < n && y >= 0 && y < m && same(w, box->a0 + x, box->b0 + y))
            x++, y++;
        f[k] = (int32_t)x;
        bool inside = x <= n && y >= 0 && y <= m;
        if (inside && delta % 2 != 0 && k - delta >= -(d - 1) && k - delta <= d - 1 && x + r[k - delta] >= n) {
            *out = (struct point){box->a0 + x, box->b0 + y};
            return true;
        }
    }
    return false;
}

/* The same from the end: r[k] is how far the reverse path on its diagonal k came. */
static bool step_backward(struct work *w, const struct box *box, ptrdiff_t d, struct point *out)
{
    ptrdiff_t n = box->a1 - box->a0, m = box->b1 - box->b0, delta = n - m;
    int32_t *f = w->forward + w->middle, *r = w->backward + w->middle;
    for (ptrdiff_t k = -d; k <= d; k += 2) {
        /* x and y count from the other corner; its diagonal k is the forward one delta + k */
        ptrdiff_t x = k == d || (k != -d && r[k + 1] < r[k - 1]) ? r[k - 1] : r[k + 1] + 1, y = x + k;
        while (x < n && y >= 0 && y < m && same(w, box->a1 - x - 1, box->b1 - y - 1))
            x++, y++;
        r[k] = (int32_t)x;
        bool inside = x <= n && y >= 0 && y <= m;
        if (inside && delta % 2 == 0 && delta + k >= -d && delta + k <= d && x + f[delta + k] >= n) {
            *out = (struct point){box->a1 - x, box->b1 - y};
            return true;
        }
    }
    return false;
}

/* The forward path that came furthest: good enough to go on from. */
static struct point furthest(const struct work *w, const struct box *box, ptrdiff_t d)
{
    ptrdiff_t n = box->a1 - box->a0, m = box->b1 - box->b0;
    const int32_t *f = w->forward + w->middle;
    struct point best = {box->a0, box->b0};
    for (ptrdiff_t k = -d; k <= d; k += 2) {
        ptrdiff_t x = f[k] < n ? f[k] : n, y = x - k;
        if (y > m) {
            y = m;
            x = y + k;
        }
        if (x >= 0 && y >= 0 && x + y > best.x - box->a0 + best.y - box->b0)
            best = (struct point){box->a0 + x, box->b0 + y};
    }
    return best;
}

/* A point on a shortest path through the box, not at a corner; both sides have lines and differ at both ends. */
static struct point find_middle(struct work *w, const struct box *box)
{
    struct point found;
    w->forward[w->middle + 1] = 0;
    w->backward[w->middle - 1] = 0;
    for (ptrdiff_t d = 0; d < COST_MAX; d++)
        if (step_forward(w, box, d, &found) || step_backward(w, box, d, &found))
            return found;
    return furthest(w, box, COST_MAX - 1);
}

static void mark(const struct side *side, ptrdiff_t from, ptrdiff_t to)
{
    for (ptrdiff_t i = from; i < to; i++)
        side->marked[i] = true;
}

/* Boxes wait on a list of their own: two that are halves of one never nest deeper than there are lines. */
static void compare(struct arena *arena, struct work *w)
{
    vec(struct box) waiting = {0};
    *vec_push(arena, &waiting) = (struct box){0, (ptrdiff_t)w->a->len, 0, (ptrdiff_t)w->b->len};
    while (waiting.len) {
        struct box box = waiting.items[--waiting.len];
        while (box.a0 < box.a1 && box.b0 < box.b1 && same(w, box.a0, box.b0))
            box.a0++, box.b0++;
        while (box.a0 < box.a1 && box.b0 < box.b1 && same(w, box.a1 - 1, box.b1 - 1))
            box.a1--, box.b1--;
        if (box.a0 == box.a1 || box.b0 == box.b1) {
            mark(w->a, box.a0, box.a1);
            mark(w->b, box.b0, box.b1);
            continue;
        }
        struct point at = find_middle(w, &box);
        bool corner = (at.x == box.a0 && at.y == box.b0) || (at.x == box.a1 && at.y == box.b1);
        if (corner) { /* it would be the same box again */
            mark(w->a, box.a0, box.a1);
            mark(w->b, box.b0, box.b1);
            continue;
        }
        *vec_push(arena, &waiting) = (struct box){box.a0, at.x, box.b0, at.y};
        *vec_push(arena, &waiting) = (struct box){at.x, box.a1, at.y, box.b1};
    }
}

static void write_line(struct buf *out, char sign, struct str line)
{
    buf_addc(out, sign);
    buf_add_str(out, line);
    if (!str_ends(line, STR("\n")))
        buf_adds(out, "\n\\ No newline at end of file\n");
}

/* "12,3" as diff writes it: a single line has no length, an empty range begins before its line. */
static void write_range(struct buf *out, size_t from, size_t len)
{
    buf_addf(out, "%zu", len ? from + 1 : from);
    if (len != 1)
        buf_addf(out, ",%zu", len);
}

/* One hunk: a[i, i_end) against b[j, j_end), its context included. */
static void write_hunk(struct buf *out, const struct side *a, const struct side *b, size_t i, size_t i_end, size_t j,
                       size_t j_end)
{
    buf_adds(out, "@@ -");
    write_range(out, i, i_end - i);
    buf_adds(out, " +");
    write_range(out, j, j_end - j);
    buf_adds(out, " @@\n");
    while (i < i_end || j < j_end) {
        if (i < i_end && a->marked[i])
            write_line(out, '-', a->lines[i++]);
        else if (j < j_end && b->marked[j])
            write_line(out, '+', b->lines[j++]);
        else {
            write_line(out, ' ', a->lines[i++]);
            j++;
        }
    }
}

static void write_hunks(struct buf *out, const struct side *a, const struct side *b)
{
    size_t i = 0, j = 0;
    for (;;) {
        while (i < a->len && j < b->len && !a->marked[i] && !b->marked[j])
            i++, j++;
        if (i == a->len && j == b->len)
            return;
        size_t lead = i < TEXTDIFF_CONTEXT ? i : TEXTDIFF_CONTEXT, i0 = i - lead, j0 = j - lead, alike = 0;
        while (i < a->len || j < b->len) { /* changes nearer than two contexts are one hunk */
            if (i < a->len && a->marked[i])
                i++, alike = 0;
            else if (j < b->len && b->marked[j])
                j++, alike = 0;
            else if (alike == 2 * (size_t)TEXTDIFF_CONTEXT)
                break;
            else
                i++, j++, alike++;
        }
        size_t more = alike > TEXTDIFF_CONTEXT ? alike - TEXTDIFF_CONTEXT : 0;
        write_hunk(out, a, b, i0, i - more, j0, j - more);
    }
}

static size_t count_marked(const struct side *side)
{
    size_t n = 0;
    for (size_t i = 0; i < side->len; i++)
        n += side->marked[i];
    return n;
}

void textdiff_unified(struct arena *arena, const char *from_name, struct str from, const char *to_name, struct str to,
                      struct buf *out, struct textdiff_count *counts)
{
    struct map known = {.arena = arena};
    struct side a = split(arena, from, &known), b = split(arena, to, &known);
    enum { WIDTH = 2 * COST_MAX + 3 };
    struct work work = {.a = &a,
                        .b = &b,
                        .forward = arena_calloc(arena, WIDTH, sizeof(int32_t)),
                        .backward = arena_calloc(arena, WIDTH, sizeof(int32_t)),
                        .middle = COST_MAX + 1};
    compare(arena, &work);
    struct textdiff_count n = {count_marked(&b), count_marked(&a)};
    if (n.added || n.removed) {
        buf_addf(out, "--- %s\n+++ %s\n", from_name, to_name);
        write_hunks(out, &a, &b);
    }
    if (counts)
        *counts = n;
}
