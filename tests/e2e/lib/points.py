"""Which points of a fault are tried: YELLOW_FAULTS of each kind (default 2), or "all"; YELLOW_FAULTS_SEED: which ones."""

import os
import random

POINTS = os.environ.get("YELLOW_FAULTS", "2")
SEED = int(os.environ.get("YELLOW_FAULTS_SEED", str(random.randrange(1 << 30))))
dice = random.Random(SEED)


def points(total):
    """Which of 1..total to try: all, or one of each part."""
    if POINTS == "all":
        return range(1, total + 1)
    wanted = min(int(POINTS), total)
    if not wanted:
        return []
    step = total / wanted
    return sorted({min(total, 1 + int(i * step + dice.random() * step)) for i in range(wanted)})
