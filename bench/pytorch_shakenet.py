"""ShakeNet-26 of two branches in PyTorch, the peer of bench/training.ts and bench/inference.ts.

    python3 bench/pytorch_shakenet.py [--width 32] [--batch 128] [--threads 2] [--steps 5] [--compile] [--channels-last]
                                   [--measure training inference]

The network and its step are the project's: padding as TensorFlow has it, the shifted skip connection, one pair of
factors for each image, Nesterov momentum, weight decay on all weights. Prints the images per second of the median
training step and of the median inference, the peak memory of the process, and the version of PyTorch.
"""

import argparse
import resource
import statistics
import time

import torch
from torch import nn
from torch.nn import functional

BLOCKS_OF_STAGE = 4


class WeightedSum(torch.autograd.Function):
    """alpha a + (1 - alpha) b, whose gradient has beta in place of alpha."""

    @staticmethod
    def forward(context, a, b, alpha, beta):
        context.save_for_backward(beta)
        return alpha * a + (1 - alpha) * b

    @staticmethod
    def backward(context, gradient):
        (beta,) = context.saved_tensors
        return beta * gradient, (1 - beta) * gradient, None, None


class Convolution(nn.Conv2d):
    """A 3 x 3 convolution; with stride 2, an even side is padded at its end only."""

    def __init__(self, inputs, outputs, stride=1):
        super().__init__(inputs, outputs, 3, stride, padding=1 if stride == 1 else 0, bias=False)

    def forward(self, image):
        return super().forward(functional.pad(image, (0, 1, 0, 1)) if self.stride == (2, 2) else image)


def branch(inputs, outputs, stride):
    # ReLU is not in place: the input has other readers.
    first = [nn.ReLU(), Convolution(inputs, outputs, stride), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*first, nn.ReLU(), Convolution(outputs, outputs), nn.BatchNorm2d(outputs))


class Skip(nn.Module):
    """The skip connection between different numbers of filters: the image and the image shifted by a pixel."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.stride = stride
        self.whole = nn.Conv2d(inputs, outputs // 2, 1, bias=False)
        self.shifted = nn.Conv2d(inputs, outputs // 2, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, image):
        active, step = functional.relu(image), self.stride
        moved = functional.pad(active, (0, 1, 0, 1))[:, :, 1:, 1:]
        halves = [self.whole(active[:, :, ::step, ::step]), self.shifted(moved[:, :, ::step, ::step])]
        return self.norm(torch.cat(halves, 1))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first, self.second = branch(inputs, outputs, stride), branch(inputs, outputs, stride)
        self.skip = nn.Identity() if inputs == outputs else Skip(inputs, outputs, stride)

    def forward(self, image):
        a, b = self.first(image), self.second(image)
        if not self.training:
            return self.skip(image) + (a + b) / 2
        drawn = torch.rand(2, 2, image.shape[0], 1, 1, 1)
        alpha, beta = drawn[:, 0] / drawn.sum(1)
        return self.skip(image) + WeightedSum.apply(a, b, alpha, beta)


class ShakeNet(nn.Module):
    def __init__(self, width, classes=10):
        super().__init__()
        layers, filters = [Convolution(3, 16), nn.BatchNorm2d(16)], 16
        for stage in range(3):
            for block in range(BLOCKS_OF_STAGE):
                layers.append(Block(filters, width << stage, 2 if stage > 0 and block == 0 else 1))
                filters = width << stage
        self.body = nn.Sequential(*layers)
        self.classes = nn.Linear(filters, classes)

    def forward(self, images):
        return self.classes(functional.relu(self.body(images)).mean((2, 3)))


def median_seconds(run, steps):
    """Median time of a run, after one that compiles and allocates."""
    seconds = []
    for _ in range(steps + 1):
        begun = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds[1:])


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in {"width": 32, "batch": 128, "threads": torch.get_num_threads(), "steps": 5}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--compile", action="store_true", help="torch.compile")
    parser.add_argument("--channels-last", action="store_true", help="images and filters with the channels innermost")
    tasks = ["training", "inference"]
    parser.add_argument("--measure", nargs="+", choices=tasks, default=tasks, help="default: both")
    parser.add_argument("--parameters", action="store_true", help="print the number of parameters and leave")
    return parser.parse_args()


def main():
    chosen = options()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(1)
    network = ShakeNet(chosen.width)
    if chosen.parameters:
        print(sum(weight.numel() for weight in network.parameters()))
        return
    optimizer = torch.optim.SGD(network.parameters(), 0.1, momentum=0.9, nesterov=True, weight_decay=1e-4)
    images, labels = torch.randn(chosen.batch, 3, 32, 32), torch.randint(0, 10, (chosen.batch,))
    if chosen.channels_last:
        network = network.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
    run = torch.compile(network) if chosen.compile else network

    def train():
        optimizer.zero_grad()
        functional.cross_entropy(run(images), labels).backward()
        optimizer.step()

    def infer():
        with torch.no_grad():
            run(images)

    if "training" in chosen.measure:
        print(f"train {chosen.batch / median_seconds(train, chosen.steps):.2f} images/s", flush=True)
        # The peak of training: inference comes after it.
        print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB", flush=True)
    if "inference" in chosen.measure:
        network.eval()
        print(f"infer {chosen.batch / median_seconds(infer, chosen.steps):.2f} images/s")
    print(f"version PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
