"""Writes recipe_reference.json: what PyTorch, in float64, makes of the small model of recipe_test.ts.

    python3 tests/model/recipe_reference.py > tests/model/recipe_reference.json

Written with PyTorch 2.15.0. A dense layer and a scale are trained with soft targets, label smoothing, clipped gradients, no
weight decay on the scale and the bias, an exponential average and an equal one.
"""
import json
import math
import sys

import torch
import torch.nn.functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn, get_swa_avg_fn

BATCH, FEATURES, CLASSES, STEPS = 5, 4, 3, 6


def drawn(seed, *shape):
    """Numbers in [-1, 1), rounded to float32 (mulberry32)."""
    state, numbers = seed, []
    for _ in range(math.prod(shape)):
        state = (state + 0x6D2B79F5) % 2**32
        t = (state ^ state >> 15) * (state | 1) % 2**32
        t ^= (t + (t ^ t >> 7) * (t | 61)) % 2**32
        numbers.append(2 * ((t ^ t >> 14) / 2**32) - 1)
    return torch.tensor(numbers, dtype=torch.float32).double().reshape(shape)


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.gamma = torch.nn.Parameter(drawn(1, FEATURES))
        self.kernel = torch.nn.Parameter(drawn(2, FEATURES, CLASSES))
        self.bias = torch.nn.Parameter(drawn(3, CLASSES))

    def forward(self, x):
        return (x * self.gamma) @ self.kernel + self.bias


def weights(model):
    return {name: parameter.detach().flatten().tolist() for name, parameter in model.named_parameters()}


model = Model()
ema = AveragedModel(model, avg_fn=get_ema_avg_fn(0.9))
swa = AveragedModel(model, avg_fn=get_swa_avg_fn())
optimizer = torch.optim.SGD(
    [{"params": [model.kernel], "weight_decay": 0.1}, {"params": [model.gamma, model.bias], "weight_decay": 0}],
    lr=0.3,
    momentum=0.9,
    nesterov=True,
)
steps = []
for step in range(STEPS):
    images, targets = 3 * drawn(10 + step, BATCH, FEATURES), torch.softmax(2 * drawn(20 + step, BATCH, CLASSES), 1)
    loss = F.cross_entropy(model(images), targets, label_smoothing=0.1)
    optimizer.zero_grad()
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
    optimizer.step()
    ema.update_parameters(model)
    if step % 2 == 1:
        swa.update_parameters(model)
    steps.append({"loss": loss.item(), "norm": norm.item(), "weights": weights(model)})
json.dump({"steps": steps, "ema": weights(ema.module), "swa": weights(swa.module)}, sys.stdout, indent=2)
print()
