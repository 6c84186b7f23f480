/**
 * A float32 model in lower precision.
 *
 * @module
 */
import * as ort from "onnxruntime-node";
import { planQuantisation, type Range, toFloat16 } from "../onnx/internal.ts";
import type { ExportedModel, Images } from "./exported_model.ts";
import type { Precision } from "./variants.ts";

/** Stays float32 in a model of float16: the soft-max, of which small probabilities would be 0, and the normalisation. */
const FLOAT32_OPERATORS = ["Softmax", "Cast", "Sub", "Div"];

/** int8 on machines that add products of bytes in 16 bits must keep kernels to 7 bits, lest the sums overflow. */
const GREATEST = { whole: 127, reduced: 63 };

export interface ReduceOptions {
  /** Images like those that the network was trained on, to see how large its values become. */
  readonly calibration: Iterable<Images>;
  /** Whether kernels of int8 have 7 bits, for x86 without VNNI. */
  readonly reduceRange: boolean;
}

/**
 * @param float32 the bytes of the model
 * @param exported that model, for the form of its input
 */
export async function reducedModel(
  precision: Exclude<Precision, "float32">,
  float32: Uint8Array,
  exported: Pick<ExportedModel, "tensorOf" | "threads">,
  { calibration, reduceRange }: ReduceOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  if (precision === "fp16") return toFloat16(float32, FLOAT32_OPERATORS);
  const plan = planQuantisation(float32);
  const ranges = await observe(plan.observing, plan.observed, exported, calibration);
  return plan.quantise(ranges, { greatest: reduceRange ? GREATEST.reduced : GREATEST.whole });
}

/** The least and greatest elements of a model's values. */
async function observe(
  model: Uint8Array,
  observed: readonly string[],
  exported: Pick<ExportedModel, "tensorOf" | "threads">,
  calibration: Iterable<Images>,
): Promise<Map<string, Range>> {
  const { threads } = exported;
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: threads, logSeverityLevel: 3 });
  const inside = observed.filter((name) => !session.inputNames.includes(name));
  const ranges = new Map<string, Range>();
  try {
    for (const images of calibration) {
      const image = exported.tensorOf(images);
      const values = { image, ...await session.run({ image }, inside) } as Readonly<Record<string, ort.Tensor>>;
      for (const name of observed) ranges.set(name, widened(ranges.get(name), values[name]!.data as Float32Array));
    }
  } finally {
    await session.release();
  }
  return ranges;
}

function widened(range: Range | undefined, elements: Float32Array): Range {
  let { min, max } = range ?? { min: Infinity, max: -Infinity };
  for (const x of elements) {
    if (x < min) min = x;
    if (x > max) max = x;
  }
  return { min, max };
}
