"""The network of bench/tracer.ts in PyTorch: prints the images per second of its inference and of its training step."""

import argparse
import time

import torch
from torch.nn import functional

SHAPES = [(16, 3, 1), (32, 16, 2), (64, 32, 2)]
RATE = 0.05
# Seconds of timing at least.
LEAST = 2

parser = argparse.ArgumentParser()
for flag, default in {"batch": 32, "threads": torch.get_num_threads(), "steps": 5}.items():
    parser.add_argument(f"--{flag}", type=int, default=default)
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(1)

images = torch.randn(options.batch, 3, 32, 32)
labels = torch.randn(options.batch, 10)
filters = [torch.randn(outputs, inputs, 3, 3) / 10 for outputs, inputs, _ in SHAPES]
classes = torch.randn(64, 10) / 10
weights = [*filters, classes]
for weight in weights:
    weight.requires_grad_()


def logits():
    x = images
    for weight, (_, _, stride) in zip(filters, SHAPES):
        # Padding as TensorFlow does it: with stride 2, an even side is padded at its end only.
        padded = functional.pad(x, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))
        x = functional.relu(functional.conv2d(padded, weight, stride=stride))
    return x.mean((2, 3)) @ classes


def infer():
    with torch.inference_mode():
        torch.softmax(logits(), 1)


def train():
    loss = -(labels * torch.log_softmax(logits(), 1)).sum(1).mean()
    gradients = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        for weight, gradient in zip(weights, gradients):
            weight -= RATE * gradient


for name, run in {"infer": infer, "train": train}.items():
    seconds = []
    run()
    first = time.perf_counter()
    while len(seconds) < options.steps or time.perf_counter() - first < LEAST:
        begun = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begun)
    print(f"{name} {options.batch / sorted(seconds)[len(seconds) // 2]:.2f} images/s")
