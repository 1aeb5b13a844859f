#include "base/vec.h"

#include <criterion/criterion.h>

struct point {
    int x, y;
};

Test(vec, pushed_elements_are_zeroed_and_stay_in_order)
{
    struct arena *arena = arena_new();
    vec(struct point) points = {0};
    for (int i = 0; i < 1000; i++) {
        struct point *p = vec_push(arena, &points);
        cr_assert_eq(p->x, 0);
        cr_assert_eq(p->y, 0);
        *p = (struct point){i, -i};
    }
    cr_assert_eq(points.len, 1000);
    int i = 0;
    vec_each(p, &points)
    {
        cr_assert_eq(p->x, i);
        cr_assert_eq(p->y, -i);
        i++;
    }
    cr_assert_eq(i, 1000);
    arena_free(arena);
}

Test(vec, an_empty_one_has_nothing_to_walk)
{
    vec(int) none = {0};
    vec_each(n, &none) cr_assert_fail("nothing to walk");
}
