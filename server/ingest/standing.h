#ifndef YELLOW_INGEST_STANDING_H
#define YELLOW_INGEST_STANDING_H

#include "ingest/merge.h"

/* The live rows that a table has, in the order of its key, while others are written into it: a small table is read
 * into memory first, a large one through a connection of its own. */
struct standing {
    struct pg *pg;
    struct buf memory; /* messages, a 32-bit length before each */
    size_t at;
    bool in_memory, begun;
    struct str tuple; /* the row, as ingest/rows.h has it; borrowed until the next one */
    uint32_t block;   /* where it stands: its ctid */
    uint16_t item;
};

int standing_open(struct standing *standing, struct merge *merge, struct err *err);
/* 1 and standing->tuple, block and item; 0 at the end. */
int standing_next(struct standing *standing, struct err *err);
void standing_close(struct standing *standing);

#endif
