/* Random histories: a model in memory against tables that batches have made, over 200 batches a seed of inserts,
 * updates, deletes, re-inserts, key reuse, null flips, schema changes, failures and repetitions; with and without keys,
 * live and milestoned, whole snapshots and additions, in every way of merging.
 *
 *   YELLOW_HISTORY_SEEDS=200 ./check_history     that many seeds, from 1
 *   YELLOW_HISTORY_SEED=17 ./check_history       this one alone
 *   YELLOW_HISTORY_BATCHES=50                    batches of each */

#include "base/vec.h"
#include "ingest/merge_kit.h"
#include "ingest/verify.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { COLUMNS = 8, LIVE = INT32_MAX, FULL_EVERY = 20, TOLD_EVERY = 10 };

struct row {
    const char *values[COLUMNS]; /* texts as PostgreSQL prints them; NULL */
    int in, out;
};

/* Columns that may be there, each with the types that it goes through. */
static const struct pool {
    const char *name, *types[3], *values[4];
} pool[COLUMNS] = {
    {"id", {"int16", "int32", "int64"}, {"1", "2", "3", "-4"}},
    {"k2", {"varchar(4)", "varchar(8)", "text"}, {"a", "B", "\xc3\xa4", "z_9"}},
    {"name", {"varchar(6)", "varchar(9)", "text"}, {"", "null", "billy", "\xe2\x82\xac"}},
    {"n", {"int8", "int32", "int64"}, {"0", "-1", "7", "100"}},
    {"pay", {"decimal(6,2)", "decimal(9,2)", "decimal(12,2)"}, {"0.00", "-1.50", "12.34", "999.99"}},
    {"at",
     {"timestamp", "timestamp", "timestamp"},
     {"2026-01-31 10:00:00", "1999-12-31 23:59:59.5", "infinity", "2000-01-01 00:00:00"}},
    {"yes", {"boolean", "boolean", "boolean"}, {"t", "f", "t", "f"}},
    {"doc", {"json", "json", "json"}, {"{}", "[1, null]", "\"x\"", "{\"a\": 1}"}},
};

static struct merge_kit kit;
static uint64_t state;
static int seed, batch;
static bool milestoned;
static size_t keys;
static bool there[COLUMNS];   /* in the model now */
static size_t stage[COLUMNS]; /* which of the types */
static bool nullable[COLUMNS];
static size_t made[COLUMNS], made_count; /* columns of the table, in its order */
static vec(struct row) rows;             /* all that the table should have */
static struct counts expected;

static unsigned pick(unsigned n)
{
    state += 0x9E3779B97F4A7C15u;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (unsigned)((z ^ (z >> 31)) % n);
}

static bool same_value(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_key(const struct row *a, const struct row *b)
{
    for (size_t i = 0; i < keys; i++)
        if (!same_value(a->values[i], b->values[i]))
            return false;
    return true;
}

static bool same_row(const struct row *a, const struct row *b)
{
    for (size_t i = 0; i < COLUMNS; i++)
        if (there[i] && !same_value(a->values[i], b->values[i]))
            return false;
    return true;
}

static const char *random_value(size_t column)
{
    return nullable[column] && pick(4) == 0 ? NULL : pool[column].values[pick(4)];
}

static struct row random_row(void)
{
    struct row row = {.in = 0, .out = LIVE};
    for (size_t i = 0; i < COLUMNS; i++)
        row.values[i] = there[i] ? random_value(i) : NULL;
    return row;
}

static const char *columns_text(void)
{
    struct buf *text = buf_new(kit.source.arena);
    for (size_t i = 0; i < COLUMNS; i++)
        if (there[i])
            buf_addf(text, "%s%s %s %s", text->len ? ", " : "", pool[i].name, pool[i].types[stage[i]],
                     i < keys      ? "key"
                     : nullable[i] ? "null"
                                   : "");
    return buf_text(text);
}

static void set_model(void)
{
    kit.source.work.dataset_count = 0;
    source_kit_dataset(&kit.source, "d", NULL, NULL, columns_text());
    kit.source.datasets[0].schema = arena_printf(kit.source.arena, "seed_%d", seed);
}

static void make_column(size_t column)
{
    for (size_t i = 0; i < made_count; i++)
        if (made[i] == column)
            return;
    made[made_count++] = column;
}

/* Now and then the model moves on, as compatibility allows: columns come, get wider, take nulls, leave. Of a table
 * without a key none leaves: rows of one batch that differ in such a column alone are equal then, and which of them
 * stays is not said. */
static void evolve(void)
{
    size_t column = pick(COLUMNS);
    if (!there[column]) {
        there[column] = nullable[column] = true;
    } else if (keys && column >= keys && pick(3) == 0 && made_count > keys + 2) {
        there[column] = false;
    } else if (column >= keys && !nullable[column]) {
        nullable[column] = true;
    } else if (stage[column] < 2) {
        stage[column]++;
    }
    set_model();
}

static void add_text(struct buf *text, const struct row *row, bool all)
{
    buf_adds(text, text->len ? "\n" : "");
    size_t n = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        size_t column = all ? i < made_count ? made[i] : COLUMNS : i;
        if (column < COLUMNS && (all || there[column]))
            buf_addf(text, "%s%s", n++ ? "|" : "", row->values[column] ? row->values[column] : "\\N");
    }
}

/* What the source has: starts as the live rows, and some of them change. */
static struct row *snapshot(size_t *count)
{
    struct row *source = arena_calloc(kit.source.arena, rows.len + 8, sizeof *source);
    size_t n = 0;
    vec_each(row, &rows) if (row->out == LIVE) source[n++] = *row;
    for (unsigned ops = pick(6); ops > 0; ops--) {
        unsigned op = pick(4);
        if (op == 0 && n) { /* a delete */
            source[pick((unsigned)n)] = source[n - 1];
            n--;
        } else if (op == 1 && n) { /* a value, often to or from null */
            size_t column = keys + pick((unsigned)(COLUMNS - keys));
            if (there[column])
                source[pick((unsigned)n)].values[column] = random_value(column);
        } else { /* an insert, or a replacement under a key that was used before */
            struct row row = random_row();
            size_t at = n;
            for (size_t i = 0; keys && i < n; i++)
                if (same_key(&source[i], &row))
                    at = i;
            source[at] = row;
            n += at == n;
        }
    }
    *count = n;
    return source;
}

static void end_row(struct row *row)
{
    if (milestoned)
        row->out = batch - 1;
    else
        *row = rows.items[--rows.len];
}

static struct row *find_live(const struct row *like)
{
    vec_each(row, &rows) if (row->out == LIVE && row->in != batch &&
                             (keys ? same_key(row, like) : same_row(row, like))) return row;
    return NULL;
}

/* A row of the source with a key meets the table. */
static void merge_row(const struct row *row)
{
    struct row *old = find_live(row), new = *row;
    new.in = batch;
    new.out = LIVE;
    for (size_t i = 0; i < COLUMNS; i++)
        new.values[i] = there[i] ? row->values[i] : NULL;
    if (old && same_row(old, row)) {
        expected.unchanged++;
        return;
    }
    if (old && !milestoned) { /* what left the model stays as it was, or goes: a row is written anew */
        expected.updated++;
        *old = new;
        return;
    }
    expected.updated += old != NULL;
    expected.inserted += old == NULL;
    if (old)
        end_row(old);
    *vec_push(kit.source.arena, &rows) = new;
}

static void apply_keyed(const struct row *source, size_t n, bool whole)
{
    for (size_t i = rows.len; whole && i-- > 0;) {
        bool found = rows.items[i].out != LIVE;
        for (size_t j = 0; !found && j < n; j++)
            found = same_key(&rows.items[i], &source[j]);
        if (!found) {
            expected.deleted++;
            end_row(&rows.items[i]);
        }
    }
    for (size_t i = 0; i < n; i++) {
        bool again = false;
        for (size_t j = i + 1; !again && j < n; j++)
            again = same_key(&source[i], &source[j]);
        if (again)
            expected.unchanged++;
        else
            merge_row(&source[i]);
    }
}

static void apply_keyless(const struct row *source, size_t n, bool whole)
{
    bool *kept = arena_calloc(kit.source.arena, rows.len + 1, sizeof *kept);
    bool *met = arena_calloc(kit.source.arena, n + 1, sizeof *met);
    for (size_t i = 0; whole && i < n; i++) { /* of equal rows the oldest stay */
        size_t oldest = rows.len;
        for (size_t j = 0; j < rows.len; j++)
            if (rows.items[j].out == LIVE && !kept[j] && same_row(&rows.items[j], &source[i]) &&
                (oldest == rows.len || rows.items[j].in < rows.items[oldest].in))
                oldest = j;
        met[i] = oldest < rows.len;
        kept[oldest] = true;
    }
    for (size_t j = rows.len; whole && j-- > 0;)
        if (rows.items[j].out == LIVE && !kept[j]) {
            expected.deleted++;
            if (milestoned) {
                rows.items[j].out = batch - 1;
            } else {
                kept[j] = kept[rows.len - 1];
                rows.items[j] = rows.items[--rows.len];
            }
        }
    for (size_t i = 0; i < n; i++) {
        if (met[i]) {
            expected.unchanged++;
            continue;
        }
        struct row *row = vec_push(kit.source.arena, &rows);
        *row = source[i];
        row->in = batch;
        row->out = LIVE;
        for (size_t c = 0; c < COLUMNS; c++)
            row->values[c] = there[c] ? source[i].values[c] : NULL;
        expected.inserted++;
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *sorted_lines(const char *text)
{
    struct buf *out = buf_new(kit.source.arena);
    const char **lines = arena_calloc(kit.source.arena, strlen(text) + 1, sizeof *lines);
    size_t n = 0;
    struct str rest = str_from(text);
    while (rest.data && rest.len) {
        struct str line = str_cut(&rest, '\n');
        lines[n++] = arena_strndup(kit.source.arena, line.data, line.len);
    }
    qsort(lines, n, sizeof *lines, by_text);
    for (size_t i = 0; i < n; i++)
        buf_addf(out, "%s\n", lines[i]);
    return (char *)(uintptr_t)buf_text(out);
}

/* The table, all of it or what this batch touched, against the model. */
static void check_table(bool all)
{
    struct arena *arena = kit.source.arena;
    struct buf *model = buf_new(arena), *sql = buf_new(arena);
    buf_adds(sql, "select ");
    for (size_t i = 0; i < made_count; i++)
        buf_addf(sql, "%s, ", pool[made[i]].name);
    buf_addf(sql, "%s from seed_%d.d", milestoned ? "yellow_batch_in, yellow_batch_out" : "yellow_batch_id", seed);
    if (!all)
        buf_addf(sql,
                 milestoned ? " where yellow_batch_in = %d or yellow_batch_out in (%d, 2147483647)"
                            : " where %d >= 0 and %d >= -1",
                 batch, batch - 1);
    vec_each(row, &rows)
    {
        if (!all && milestoned && row->in != batch && row->out != batch - 1 && row->out != LIVE)
            continue;
        add_text(model, row, true);
        buf_addf(model, "|%d", row->in);
        if (milestoned)
            buf_addf(model, "|%d", row->out);
    }
    char *is = sorted_lines(merge_kit_query(&kit, buf_text(sql))), *should = sorted_lines(buf_text(model));
    cr_assert(strcmp(is, should) == 0, "seed %d, batch %d: the table has\n%sand should have\n%s", seed, batch, is,
              should);
}

/* Section 9: in <= out, one live row a key, and a key's rows do not overlap. */
static void check_invariants(void)
{
    if (!milestoned)
        return;
    char key[32] = "1";
    if (keys)
        (void)snprintf(key, sizeof key, "%s%s", pool[0].name, keys > 1 ? ", k2" : "");
    const char *wrong = merge_kit_query(
        &kit, arena_printf(kit.source.arena,
                           "select count(*) from (select yellow_batch_in as i, yellow_batch_out as o, "
                           "lead(yellow_batch_in) over (partition by %s order by yellow_batch_in, yellow_batch_out) as "
                           "next from seed_%d.d) t where i > o or (%s and next <= o)",
                           key, seed, keys ? "true" : "false"));
    cr_assert(strcmp(wrong, "0") == 0, "seed %d, batch %d: %s rows break the rules of history", seed, batch, wrong);
}

static void check_counts(void)
{
    const struct counts *is = &kit.out.counts;
    cr_assert(is->inserted == expected.inserted && is->updated == expected.updated && is->deleted == expected.deleted &&
                  is->unchanged == expected.unchanged && is->quarantined == 0 &&
                  is->read == is->inserted + is->updated + is->unchanged,
              "seed %d, batch %d (%s): %d inserted, %d updated, %d deleted, %d unchanged of %d read; it should be %d, "
              "%d, %d, %d",
              seed, batch, kit.out.datasets[0].way, (int)is->inserted, (int)is->updated, (int)is->deleted,
              (int)is->unchanged, (int)is->read, (int)expected.inserted, (int)expected.updated, (int)expected.deleted,
              (int)expected.unchanged);
}

/* What operators are told: the model's live rows are the source. */
static void check_verify(void)
{
    struct verify_report report;
    struct buf *text = buf_new(kit.source.arena);
    const struct verify_options options = {.kind = merge_kit_kind(true), .limit = 5};
    const char *cause = NULL;
    vec_each(row, &rows) if (row->out == LIVE) add_text(text, row, false);
    kit.rows[0] = buf_text(text);
    cr_assert(eq(int,
                 verify_run(kit.source.arena, &kit.source.work, kit.source.pg, &kit.source.progress, &options, &report,
                            &cause, &kit.source.err),
                 0),
              "seed %d: %s", seed, kit.source.err.text);
    cr_assert(report.equal, "seed %d: %s", seed, report.finding_count ? report.findings[0].text : "different");
}

static void run_batch(void)
{
    size_t n;
    bool whole = pick(4) != 0;
    struct row *source = snapshot(&n);
    for (size_t i = n; i-- > 1;) { /* in any order */
        size_t j = pick((unsigned)i + 1);
        struct row row = source[i];
        source[i] = source[j];
        source[j] = row;
    }
    if (!whole && n > 5)
        n = 5;
    if (!whole && n && keys) { /* a key that comes twice: the last one counts */
        source[n] = source[0];
        source[n].values[keys] = there[keys] ? random_value(keys) : NULL;
        n++;
    }
    struct buf *text = buf_new(kit.source.arena);
    for (size_t i = 0; i < n; i++)
        add_text(text, &source[i], false);
    kit.unsorted = pick(3) == 0;
    kit.shuffled = pick(8) == 0;
    kit.rows[0] = buf_text(text);
    if (pick(12) == 0) { /* the source goes away at the end: nothing happened */
        buf_adds(text, text->len ? "\n!" : "!");
        kit.rows[0] = buf_text(text);
        cr_assert(ne(int, merge_kit_try(&kit, whole), 0));
        buf_cut(text, text->len > 1 ? text->len - 2 : 0);
        kit.rows[0] = buf_text(text);
    }
    cr_assert(eq(int, merge_kit_try(&kit, whole), 0), "seed %d, batch %d: %s", seed, batch, kit.source.err.text);
    for (size_t i = 0; i < COLUMNS; i++)
        if (there[i])
            make_column(i);
    expected = (struct counts){0};
    if (keys)
        apply_keyed(source, n, whole);
    else
        apply_keyless(source, n, whole);
    check_counts();
    if (pick(20) == 0) { /* its report was lost */
        kit.source.work.batch--;
        cr_assert(eq(int, merge_kit_try(&kit, whole), 0));
        cr_assert(kit.out.found);
        check_counts();
    }
}

static void run_seed(int batches)
{
    struct arena *before = kit.source.arena;
    kit.source.arena = arena_new();
    state = (uint64_t)seed * 0x2545F4914F6CDD1Du;
    milestoned = pick(2);
    keys = pick(3);
    rows.items = NULL;
    rows.len = rows.cap = made_count = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        there[i] = i < 4;
        stage[i] = 0;
        nullable[i] = i >= keys && pick(3) != 0;
    }
    kit.source.work.milestoned = milestoned;
    kit.source.work.name = arena_printf(before, "seed_%d", seed);
    kit.source.work.batch = 0;
    set_model();
    for (batch = 1; batch <= batches; batch++) {
        if (pick(15) == 0)
            evolve();
        run_batch();
        check_table(batch % FULL_EVERY == 0 || batch == batches);
        check_invariants();
    }
    check_verify();
    char gapless[64];
    (void)snprintf(gapless, sizeof gapless, "%d|%d|1", batches, batches);
    cr_assert(eq(str,
                 (char *)merge_kit_query(&kit, arena_printf(kit.source.arena,
                                                            "select count(*), max(b.batch), min(b.batch) from "
                                                            "yellow.batches b join yellow.streams s on s.id = b.stream "
                                                            "where s.name = 'seed_%d' and b.state = 'committed'",
                                                            seed)),
                 gapless));
    source_kit_sql(&kit.source, arena_printf(kit.source.arena, "drop schema seed_%d cascade", seed));
    arena_free(kit.source.arena);
    kit.source.arena = before;
}

static int setting(const char *name, int otherwise)
{
    const char *text = getenv(name);
    int64_t value;
    return text && str_int64(str_from(text), 1, 1000000, &value) ? (int)value : otherwise;
}

Test(ingest_history, random_histories_leave_what_the_model_says)
{
    int only = setting("YELLOW_HISTORY_SEED", 0), seeds = setting("YELLOW_HISTORY_SEEDS", 10);
    int batches = setting("YELLOW_HISTORY_BATCHES", 200), first = only ? only : 1, last = only ? only : seeds;
    merge_kit_init(&kit, false);
    for (seed = first; seed <= last; seed++) {
        run_seed(batches);
        if (seed % TOLD_EVERY == 0 || seed == last)
            (void)fprintf(stderr, "histories: seeds %d to %d of %d, %d batches each\n", first, seed, last, batches);
    }
    merge_kit_dispose(&kit);
}
