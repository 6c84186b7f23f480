/**
 * Lowers the precision of a float32 model.
 *
 * @module
 */
import { openSession, type Tensor } from "../engine/onnxruntime.ts";
import { planQuantisation, type Range, toFloat16 } from "../onnx/internal.ts";
import type { ExportedModel, Images } from "./exported_model.ts";
import type { Precision } from "./variants.ts";

/**
 * The part of a float16 model that stays float32: the soft-max, whose small probabilities would be 0, the divisions of the
 * normalisation, and the explanation, whose gradients are small.
 */
const FLOAT32 = { operators: ["Softmax", "Cast", "Sub", "Div"], outputs: ["explanation"] };

/** Greatest weight of an int8 kernel. Machines that add products of bytes in 16 bits need 7 bits, or the sums overflow. */
const GREATEST = { whole: 127, reduced: 63 };

export interface ReduceOptions {
  /** Images like the training images; they show how large the network's values become. */
  readonly calibration: Iterable<Images>;
  /** Kernels of int8 have 7 bits, for x86 without VNNI. */
  readonly reduceRange: boolean;
}

/**
 * Converts a model.
 *
 * @param float32 the bytes of the model
 * @param exported the same model loaded, for the form of its input
 */
export async function reducedModel(
  precision: Exclude<Precision, "float32">,
  float32: Uint8Array,
  exported: Pick<ExportedModel, "tensorOf" | "threads">,
  { calibration, reduceRange }: ReduceOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  if (precision === "fp16") return toFloat16(float32, FLOAT32);
  const plan = planQuantisation(float32);
  const ranges = await observe(plan.observing, plan.observed, exported, calibration);
  return plan.quantise(ranges, { greatest: reduceRange ? GREATEST.reduced : GREATEST.whole });
}

/** Finds the least and greatest elements of a model's values. */
async function observe(
  model: Uint8Array,
  observed: readonly string[],
  exported: Pick<ExportedModel, "tensorOf" | "threads">,
  calibration: Iterable<Images>,
): Promise<Map<string, Range>> {
  const { threads } = exported;
  await using session = await openSession(model, { intraOpNumThreads: threads });
  const inside = observed.filter((name) => !session.inputNames.includes(name));
  const ranges = new Map<string, Range>();
  for (const images of calibration) {
    const image = exported.tensorOf(images);
    const values = { image, ...await session.run({ image }, inside) } as Readonly<Record<string, Tensor>>;
    for (const name of observed) ranges.set(name, widened(ranges.get(name), values[name]!.data as Float32Array));
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
