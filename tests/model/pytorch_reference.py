"""Writes pytorch_reference.json: what PyTorch, in float64, computes for the network of pytorch_test.ts.

    python3 tests/model/pytorch_reference.py > tests/model/pytorch_reference.json

Every number that goes in is drawn from a seed made of its name, here and in the test alike.
"""
import json
import math
import sys

import torch
import torch.nn.functional as F

WIDTH, BLOCKS, CLASSES, BATCH, SIDE = 2, 2, 3, 4, 8  # depth 14: every kind of block


def seed_of(name):
    seed = 0
    for character in name:
        seed = (seed * 31 + ord(character)) % 2**32
    return seed


def drawn(name, *shape):
    """Numbers in [-1, 1), rounded to float32 (mulberry32)."""
    state, numbers = seed_of(name), []
    for _ in range(math.prod(shape)):
        state = (state + 0x6D2B79F5) % 2**32
        t = (state ^ state >> 15) * (state | 1) % 2**32
        t ^= (t + (t ^ t >> 7) * (t | 61)) % 2**32
        numbers.append(2 * ((t ^ t >> 14) / 2**32) - 1)
    return torch.tensor(numbers, dtype=torch.float32).double().reshape(shape)


class Shake(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b, alpha, beta):
        ctx.save_for_backward(beta)
        return a * alpha[0] + b * alpha[1]

    @staticmethod
    def backward(ctx, dy):
        (beta,) = ctx.saved_tensors
        return dy * beta[0], dy * beta[1], None, None


class Net:
    def __init__(self, training):
        self.training, self.weights, self.statistics = training, {}, {}

    def weight(self, name, *shape, offset=0.0):
        self.weights[name] = (drawn(name, *shape) * 0.5 + offset).float().double().requires_grad_()
        return self.weights[name]

    def conv(self, name, x, size, filters, stride=1):
        kernel = self.weight(f"{name}/kernel", size, size, x.shape[1], filters).permute(3, 2, 0, 1)
        padding = (0, 0, 0, 0) if size == 1 else (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1)
        return F.conv2d(F.pad(x, padding), kernel, stride=stride)

    def norm(self, name, x):
        n = x.shape[1]
        gamma, beta = self.weight(f"{name}/gamma", n, offset=1.0), self.weight(f"{name}/beta", n)
        mean = (drawn(f"{name}/movingMean", n) * 0.5).float().double()
        variance = (drawn(f"{name}/movingVariance", n) * 0.5 + 1).float().double()
        y = F.batch_norm(x, mean, variance, gamma, beta, self.training, 0.1, 1e-5)
        self.statistics |= {f"{name}/movingMean": mean, f"{name}/movingVariance": variance}
        return y

    def branch(self, name, x, filters, stride):
        y = self.norm(f"{name}/bn1", self.conv(f"{name}/conv1", F.relu(x), 3, filters, stride))
        return self.norm(f"{name}/bn2", self.conv(f"{name}/conv2", F.relu(y), 3, filters))

    def skip(self, name, x, filters, stride):
        if x.shape[1] == filters:
            return x
        x = F.relu(x)
        shifted = F.pad(x, (0, 1, 0, 1))[:, :, 1:, 1:]
        paths = [y[:, :, ::stride, ::stride] for y in (x, shifted)]
        halves = [self.conv(f"{name}/path{at}", y, 1, filters // 2) for at, y in enumerate(paths, 1)]
        return self.norm(f"{name}/bn", torch.cat(halves, 1))

    def logits(self, images, alpha, beta):
        x = self.norm("stem/bn", self.conv("stem/conv", images.permute(0, 3, 1, 2), 3, 16))
        for at in range(3 * BLOCKS):
            stage, block = divmod(at, BLOCKS)
            name, filters, stride = f"stage{stage + 1}/block{block + 1}", WIDTH << stage, 2 if stage and not block else 1
            a, b = (self.branch(f"{name}/branch{branch}", x, filters, stride) for branch in (1, 2))
            factors = [f[at].reshape(2, BATCH, 1, 1, 1) for f in (alpha, beta)]
            x = self.skip(f"{name}/skip", x, filters, stride) + Shake.apply(a, b, *factors)
        x = F.relu(x).mean((2, 3))
        return x @ self.weight("dense/kernel", x.shape[1], CLASSES) + self.weight("dense/bias", CLASSES)


def projected(tensors):
    """One number for each tensor: its product with a drawn direction."""
    return {name: (tensor * drawn(f"direction/{name}", *tensor.shape)).sum().item() for name, tensor in tensors.items()}


images, labels = drawn("images", BATCH, SIDE, SIDE, 3), torch.arange(BATCH) % CLASSES
alpha, beta = (drawn(name, 3 * BLOCKS, 2, BATCH) for name in ("alpha", "beta"))
half = torch.full_like(alpha, 0.5)

trained, inferring = Net(training=True), Net(training=False)
loss = F.cross_entropy(trained.logits(images, alpha, beta), labels)
loss.backward()
json.dump(
    {
        "crossEntropy": loss.item(),
        "gradients": projected({name: weight.grad for name, weight in trained.weights.items()}),
        "statistics": projected(trained.statistics),
        "inferenceLogits": inferring.logits(images, half, half).flatten().tolist(),
    },
    sys.stdout,
    indent=2,
)
print()
