/**
 * The sum over processes as an operator of onnxruntime (`OrtCustomOp` in onnxruntime_c_api.h): any number of tensors in, and
 * their sums out, by one exchange. onnxruntime calls it in the middle of a graph, on the thread that runs the graph.
 *
 * @module
 */
import { cString, made, onnxruntimeApi } from "./onnxruntime_api.ts";

/** The version of the interface of operators that the table below follows. */
const VERSION = 16;
/** Values of the interface's enumerations. */
const FLOAT = 1, VARIADIC = 2, DEFAULT_MEMORY = 0;

/** An operator in the memory that onnxruntime reads. */
export interface NativeOperator extends Disposable {
  readonly memory: BigUint64Array<ArrayBuffer>;
  /** Throws the error of the sum in the last run, if it had one. */
  rethrow(): void;
}

/**
 * Makes the operator.
 *
 * @param name its name in graphs
 * @param sum sums numbers over the processes in place; an error of it ends the run
 */
export function allReduceOperator(name: string, sum: (values: Float32Array<ArrayBuffer>) => void): NativeOperator {
  const { failure } = onnxruntimeApi();
  const text = cString(name);
  let thrown: unknown;
  const compute = (context: Deno.PointerValue): Deno.PointerValue => {
    try {
      sumTensors(context, sum);
      return null;
    } catch (error) {
      thrown = error;
      return failure("the sum over processes failed");
    }
  };
  const constant = <R extends "i32" | "usize">(result: R, value: number) =>
    new Deno.UnsafeCallback({ parameters: ["pointer", "usize"], result }, () => value as never);
  const float = constant("i32", FLOAT), variadic = constant("i32", VARIADIC), one = constant("i32", 1);
  const size = constant("usize", 1), memory = constant("i32", DEFAULT_MEMORY);
  const nothing = new Deno.UnsafeCallback({ parameters: ["pointer"], result: "void" }, () => {});
  const nameOf = new Deno.UnsafeCallback(
    { parameters: ["pointer"], result: "pointer" },
    () => Deno.UnsafePointer.of(text),
  );
  const onCpu = new Deno.UnsafeCallback({ parameters: ["pointer"], result: "pointer" }, () => null);
  const create = new Deno.UnsafeCallback(
    { parameters: ["pointer", "pointer", "pointer", "pointer"], result: "pointer" },
    () => null,
  );
  const run = new Deno.UnsafeCallback(
    { parameters: ["pointer", "pointer"], result: "pointer" },
    (_, context) => compute(context),
  );
  // The order of OrtCustomOp, after its version. The two nulls are older forms of `create` and `run`.
  const table = [
    ...[null, nameOf, onCpu, float, size, float, size, null, nothing],
    ...[variadic, variadic, memory, one, one, one, one, create, run],
  ];
  return {
    memory: BigUint64Array.of(
      BigInt(VERSION),
      ...table.map((callback) => callback ? BigInt(Deno.UnsafePointer.value(callback.pointer)) : 0n),
    ),
    rethrow() {
      const error = thrown;
      thrown = undefined;
      if (error !== undefined) throw error;
    },
    [Symbol.dispose]() {
      for (const callback of new Set(table)) callback?.close();
    },
  };
}

/** Sums the inputs of a call into its outputs. */
function sumTensors(context: Deno.PointerValue, sum: (values: Float32Array<ArrayBuffer>) => void): void {
  const api = onnxruntimeApi();
  const count = new BigUint64Array(1);
  api.kernelContextGetInputCount(context, count);
  const parts = Array.from({ length: Number(count[0]) }, (_, at) => {
    const input = made((out) => api.kernelContextGetInput(context, at, out));
    const shape = shapeOf(input);
    const output = made((out) => api.kernelContextGetOutput(context, at, shape, shape.length, out));
    const size = Number(shape.reduce((a, b) => a * b, 1n));
    return { from: elements(input, size), to: elements(output, size) };
  });
  const [only] = parts;
  if (only && parts.length === 1) {
    only.to.set(only.from);
    return sum(only.to);
  }
  const buffer = new Float32Array(parts.reduce((size, { from }) => size + from.length, 0));
  let begin = 0;
  for (const { from } of parts) buffer.set(from, (begin += from.length) - from.length);
  sum(buffer);
  begin = 0;
  for (const { to } of parts) to.set(buffer.subarray(begin, begin += to.length));
}

function shapeOf(value: Deno.PointerValue): BigInt64Array<ArrayBuffer> {
  const api = onnxruntimeApi();
  const info = made((out) => api.getTensorTypeAndShape(value, out)), count = new BigUint64Array(1);
  try {
    api.getDimensionsCount(info, count);
    const shape = new BigInt64Array(Number(count[0]));
    api.getDimensions(info, shape, shape.length);
    return shape;
  } finally {
    api.releaseTensorTypeAndShapeInfo(info);
  }
}

/** Returns the elements of a tensor, in onnxruntime's own memory. */
function elements(value: Deno.PointerValue, size: number): Float32Array<ArrayBuffer> {
  if (size === 0) return new Float32Array(0);
  const data = made((out) => onnxruntimeApi().getTensorMutableData(value, out));
  return new Float32Array(Deno.UnsafePointerView.getArrayBuffer(data!, 4 * size));
}
