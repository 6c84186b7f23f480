/**
 * Kernels on constants, computed while tracing.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { ALL_REDUCE } from "./all_reduce.ts";
import type { Attributes, DataType, HostArray, Value } from "../graph/graph.ts";
import { asHostArray, COMPLEX } from "../graph/host_array.ts";

/** A constant expression is computed while tracing if its result has at most this many elements, or as many as its inputs. */
const FOLDED_ELEMENTS = 1 << 20;

/**
 * Runs a kernel if its inputs are constants, and its result is not much larger.
 *
 * @param asList the kernel takes a list of inputs
 */
export function fold(
  name: string,
  inputs: Readonly<Record<string, Value>>,
  attributes: Attributes,
  asList: boolean,
): Value | Value[] | undefined {
  if (!isFoldable(name, inputs)) return undefined;
  const folded = evaluate(name, inputs, attributes, asList);
  const most = Math.max(FOLDED_ELEMENTS, elements(Object.values(inputs)));
  return elements([folded].flat()) <= most ? withNameOf(inputs, folded) : undefined;
}

function isFoldable(name: string, inputs: Readonly<Record<string, Value>>): boolean {
  // Other processes add other numbers to a constant. TensorFlow.js says that not all of no elements are true.
  const isOther = name === "Fill" || name === ALL_REDUCE || (name === "All" && inputs["x"]!.constant?.length === 0);
  return !isOther && Object.values(inputs).every((value) => value.constant);
}

/** Names a constant after the only named constant that it is computed from. */
function withNameOf(inputs: Readonly<Record<string, Value>>, folded: Value | Value[]): Value | Value[] {
  const names = Object.values(inputs).flatMap(({ name }) => name ?? []);
  return names.length === 1 && !Array.isArray(folded) ? { ...folded, name: names[0]! } : folded;
}

/** Runs a kernel on constants, on the CPU backend. Some kernels take a list of inputs, some return a list. */
function evaluate(
  name: string,
  inputs: Readonly<Record<string, Value>>,
  attributes: Attributes,
  asList: boolean,
): Value | Value[] {
  const cpu = tf.findBackend("cpu") as tf.KernelBackend;
  const infos = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, write(cpu, value)]));
  const given = new Set(Object.values(inputs).map(({ constant }) => constant));
  const result = tf.getKernel(name, "cpu").kernelFunc({
    inputs: asList ? Object.values(infos) as unknown as tf.NamedTensorInfoMap : infos,
    attrs: attributes as tf.NamedAttrMap,
    backend: cpu,
  });
  const values = [result].flat().map(({ dataId, shape, dtype }): Value => {
    const array = asHostArray(cpu.readSync(dataId) as HostArray, dtype as DataType);
    cpu.disposeData(dataId);
    // A reshape has the very elements of its input, perhaps a large weight.
    return { shape, dtype: dtype as DataType, constant: given.has(array) ? array : array.slice() };
  });
  for (const { dataId } of Object.values(infos)) cpu.disposeData(dataId);
  return Array.isArray(result) ? values : values[0]!;
}

/** Gives the CPU backend a constant. It takes complex numbers only by a kernel. */
function write(cpu: tf.KernelBackend, { constant, shape, dtype }: Value): tf.TensorInfo {
  const dims = [...shape];
  if (dtype !== COMPLEX) return { dataId: cpu.write(constant!, dims, dtype), shape: dims, dtype };
  const parts = tf.backend_util.splitRealAndImagArrays(constant as Float32Array);
  const inputs = {
    real: write(cpu, { constant: parts.real, shape, dtype: "float32" }),
    imag: write(cpu, { constant: parts.imag, shape, dtype: "float32" }),
  };
  const joined = tf.getKernel(tf.Complex, "cpu").kernelFunc({ inputs, attrs: {}, backend: cpu }) as tf.TensorInfo;
  for (const { dataId } of Object.values(inputs)) cpu.disposeData(dataId);
  return joined;
}

const elements = (values: readonly Value[]) =>
  values.reduce((sum, { shape }) => sum + tf.util.sizeFromShape([...shape]), 0);
