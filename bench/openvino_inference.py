"""Images per second of exported models in OpenVINO, on the CPU.

    python3 bench/openvino_inference.py --models FOLDER [--batch 128] [--threads 2] [--steps 5]

The folder has infer.onnx (float32) and int8.onnx, as bench/inference.ts writes them.
"""

import argparse
import os
import statistics
import time

import numpy
import openvino


def seconds_of(model, options):
    """Median time of a batch, after one that allocates."""
    # float32 stays float32 where the processor has bfloat16 too.
    settings = {"INFERENCE_NUM_THREADS": options.threads, "INFERENCE_PRECISION_HINT": "f32"}
    run = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
    images = numpy.random.default_rng(1).standard_normal((options.batch, 3, 32, 32), dtype=numpy.float32)
    seconds = []
    for _ in range(options.steps + 1):
        begun = time.perf_counter()
        run.infer([images])
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds[1:])


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--models", required=True)
for flag, default in {"batch": 128, "threads": os.cpu_count(), "steps": 5}.items():
    parser.add_argument(f"--{flag}", type=int, default=default)
options = parser.parse_args()
for name in ["infer", "int8"]:
    print(f"{name} {options.batch / seconds_of(f'{options.models}/{name}.onnx', options):.2f} images/s")
print(f"version OpenVINO {openvino.__version__}")
