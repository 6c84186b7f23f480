"""Writes schedule_reference.json: the learning rates of PyTorch's schedulers for the cases of schedule_test.ts.

    python3 tests/model/schedule_reference.py > tests/model/schedule_reference.json

Written with PyTorch 2.15.0. Every scheduler is stepped once a step; `plateau` once a validation.
"""
import json

import torch
from torch.optim import lr_scheduler

RATE = 0.2
LOSSES = [3, 2, 2.5, 2, 1.9, 1.95, 1.95, 2, 3, 1.9, 1.8, 1.8, 1.8, 1.8, 1.8, 1.8]


def rates(steps, make, losses=None):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    scheduler, seen = make(optimizer), []
    for step in range(steps):
        if losses is None:
            seen.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step(*([] if losses is None else [losses[step]]))
        if losses is not None:
            seen.append(scheduler.get_last_lr()[0])
    return seen


print(json.dumps({
    "rate": RATE,
    "cosine": {str(steps): rates(steps, lambda o: lr_scheduler.CosineAnnealingLR(o, steps)) for steps in [1, 2, 7, 50]},
    "restarts": [
        {"first": first, "factor": factor,
         "rates": rates(40, lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, first, factor))}
        for first, factor in [(1, 1), (1, 2), (3, 2), (7, 1), (50, 3)]
    ],
    "plateau": {
        "losses": LOSSES,
        "cases": [
            {"patience": patience, "factor": factor,
             "rates": rates(len(LOSSES), lambda o: lr_scheduler.ReduceLROnPlateau(
                 o, factor=factor, patience=patience, threshold=0, eps=0), LOSSES)}
            for patience, factor in [(0, 0.1), (1, 0.5), (2, 0.1), (3, 0.1)]
        ],
    },
}, indent=1))
