"""Writes pillow_resize_reference.json: what Pillow makes of the picture of resize_test.ts at other sizes.

    python3 tests/data/pillow_resize_reference.py > tests/data/pillow_resize_reference.json

Written with Pillow 13.0.0.
"""
import base64
import json
import sys

import numpy as np
from PIL import Image


def drawn(seed, count):
    """Numbers in [0, 1) (mulberry32)."""
    state, numbers = seed, []
    for _ in range(count):
        state = (state + 0x6D2B79F5) % 2**32
        t = (state ^ state >> 15) * (state | 1) % 2**32
        t ^= (t + (t ^ t >> 7) * (t | 61)) % 2**32
        numbers.append((t ^ t >> 14) / 2**32)
    return np.array(numbers)


pixels = np.floor(256 * drawn(1, 20 * 32 * 3)).astype(np.uint8).reshape(20, 32, 3)
filters = {"area": Image.Resampling.BOX, "bilinear": Image.Resampling.BILINEAR}
results = {
    name: {
        side: base64.b64encode(np.asarray(Image.fromarray(pixels).resize((side, side), kind)).tobytes()).decode()
        for side in (8, 12, 24, 40)
    }
    for name, kind in filters.items()
}
json.dump(results, sys.stdout, indent=2)
print()
