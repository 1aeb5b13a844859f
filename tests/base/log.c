#include "base/log.h"

#include "base/json.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <unistd.h>

static void collect(void *buf, struct str line)
{
    buf_add_str(buf, line);
}

/* The line without its time, which is checked to look like one. */
static const char *rest(struct buf *lines)
{
    const char *text = buf_text(lines);
    cr_assert_eq(strncmp(text, "{\"time\":\"2", 10), 0, "%s", text);
    cr_assert_eq(text[33], '"');
    return text + 34;
}

Test(log, an_event_is_one_json_object_in_order)
{
    struct buf lines = {0};
    log_set_sink(collect, &lines);
    log_event(LOG_WARN, "delivery merged", LOG_S("ecosystem", "ac\"me\n"), LOG_I("version", -7), LOG_B("ok", true),
              LOG_B("late", false), LOG_S("none", NULL), LOG_END);
    cr_assert_str_eq(rest(&lines), ",\"level\":\"warn\",\"event\":\"delivery merged\",\"ecosystem\":\"ac\\\"me\\n\","
                                   "\"version\":-7,\"ok\":true,\"late\":false,\"none\":null}\n");
    log_set_sink(NULL, NULL);
    buf_dispose(&lines);
}

Test(log, bytes_that_are_no_text_do_not_break_a_line)
{
    struct buf lines = {0};
    log_set_sink(collect, &lines);
    log_event(LOG_INFO, "x", LOG_S("v", "\xff"), LOG_END);
    cr_assert_str_eq(rest(&lines), ",\"level\":\"info\",\"event\":\"x\",\"v\":\"\\ufffd\"}\n");
    log_set_sink(NULL, NULL);
    buf_dispose(&lines);
}

Test(log, levels_below_the_one_set_are_dropped)
{
    struct buf lines = {0};
    log_set_sink(collect, &lines);
    log_event(LOG_DEBUG, "no", LOG_END);
    cr_assert_eq(lines.len, 0);
    log_set_level(LOG_ERROR);
    log_event(LOG_WARN, "no", LOG_END);
    cr_assert_eq(lines.len, 0);
    log_event(LOG_ERROR, "yes", LOG_END);
    cr_assert_str_eq(rest(&lines), ",\"level\":\"error\",\"event\":\"yes\"}\n");
    log_set_level(LOG_INFO);
    log_set_sink(NULL, NULL);
    buf_dispose(&lines);
}

enum { WRITERS = 4, LINES = 50 };

static void *writer(void *text)
{
    for (int i = 0; i < LINES; i++)
        log_event(LOG_INFO, "line", LOG_S("text", text), LOG_END);
    return NULL;
}

static void *reader(void *fd)
{
    static struct buf all;
    ssize_t n;
    while ((n = read(*(int *)fd, buf_reserve(&all, 4096), 4096)) > 0)
        all.len += (size_t)n;
    return &all;
}

Test(log, lines_of_several_threads_never_mix_even_above_what_a_pipe_takes_at_once)
{
    int ends[2], saved = dup(STDERR_FILENO);
    cr_assert_eq(pipe(ends), 0);
    cr_assert_geq(dup2(ends[1], STDERR_FILENO), 0);
    (void)close(ends[1]);
    pthread_t reading, writing[WRITERS];
    char *texts[WRITERS];
    (void)pthread_create(&reading, NULL, reader, &ends[0]);
    struct arena *arena = arena_new();
    for (int i = 0; i < WRITERS; i++) {
        texts[i] = arena_printf(arena, "%*s", 20000, ".");
        memset(texts[i], 'a' + i, 20000);
        (void)pthread_create(&writing[i], NULL, writer, texts[i]);
    }
    for (int i = 0; i < WRITERS; i++)
        (void)pthread_join(writing[i], NULL);
    (void)dup2(saved, STDERR_FILENO); /* closes the last writing end */
    void *read_all;
    (void)pthread_join(reading, &read_all);
    struct str lines = buf_str(read_all);
    int count = 0;
    for (; lines.len; count++) {
        json_t *line;
        struct err err = {0};
        cr_assert_eq(json_read(arena, str_cut(&lines, '\n'), &line, &err), 0, "%s", err.text);
        const char *text = json_text(line, "text");
        cr_assert_str_eq(text, texts[text[0] - 'a']);
    }
    cr_assert_eq(count, WRITERS * LINES);
    buf_dispose(read_all);
    arena_free(arena);
    (void)close(saved);
    (void)close(ends[0]);
}
