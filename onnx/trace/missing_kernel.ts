import * as tf from "@tensorflow/tfjs";
import type { KernelTypes } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import { callersOf, inexpressible, publicName } from "./tensorflow_kernels.ts";

/**
 * Makes the error for a kernel that has no lowering. It names the function that was called, the kernel, and the reason with
 * what to call instead, or the supported kernel whose name is nearest.
 */
export function missingKernel(kernel: string, supported: KernelTypes): TraceError {
  const known = inexpressible[kernel], nearest = known ? undefined : nearestName(kernel, Object.keys(supported));
  const advice = [known?.instead && `use ${known.instead}`, nearest && `the nearest supported kernel is ${nearest}`];
  const what = `${calledFunction() ?? callersOf(kernel)} cannot be traced, since ${
    known?.reason ?? "it has no lowering to ONNX"
  }`;
  return new TraceError([`${what} (kernel ${kernel})`, ...advice.filter((part) => part)].join("; "));
}

/** Makes the error for a kernel that reads or makes complex numbers, and not of constants alone. */
export function complexKernel(kernel: string): TraceError {
  return new TraceError(
    `${calledFunction() ?? callersOf(kernel)} of complex numbers cannot be traced, since ${
      inexpressible[tf.Complex]!.reason
    }`,
  );
}

/** The outermost function of TensorFlow.js that is running, by the stack: their names end with `__op` there. */
function calledFunction(): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 200;
  const stack = new Error().stack ?? "";
  Error.stackTraceLimit = limit;
  const names = [...stack.matchAll(/\bat (?:[\w.]+\.)?(\w+?)__op\b/g)].map(([, name]) => publicName(name!));
  return names.findLast((name) => name !== undefined);
}

/** Names with less in common have nothing to do with each other. */
const COMMON_LETTERS = 3;

function nearestName(kernel: string, supported: readonly string[]): string | undefined {
  const alike = supported.map((name) => ({ name, common: commonLetters(kernel.toLowerCase(), name.toLowerCase()) }));
  const best = alike.reduce((best, next) => next.common > best.common ? next : best, { name: "", common: 0 });
  return best.common >= COMMON_LETTERS ? best.name : undefined;
}

/** The length of the longest part that two names have in common. */
function commonLetters(a: string, b: string): number {
  let longest = 0;
  for (let begin = 0; begin + longest < a.length; begin++) {
    while (begin + longest < a.length && b.includes(a.slice(begin, begin + longest + 1))) longest++;
  }
  return longest;
}
