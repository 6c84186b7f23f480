/**
 * The float32 model: its bytes, and its check against the network.
 *
 * @module
 */
import { disposeAll, type Engine, uploadAll } from "../../../engine/engine.ts";
import type { ExportedModel } from "../../../export/exported_model.ts";
import { inferenceModel } from "../../../export/inference_model.ts";
import { modelMetadata, withDigest } from "../../../export/model_file.ts";
import { compareLogits, type Parity } from "../../../export/parity.ts";
import { Classifier } from "../../evaluation/classifier.ts";
import { sizedForm } from "../../../export/variants.ts";
import { type ParityReport, writeParity } from "../../run/parity_file.ts";
import type { ExportSource } from "./export_source.ts";
import { withoutUnusedParts } from "../../training/run_fields.ts";
import { logReport, testLogits } from "./measure_model.ts";
import { imagesInOrder, spread } from "./model_images.ts";
import { ParityError } from "./parity_error.ts";

/** A loaded float32 model, which models of lower precision are made from and compared with. */
export interface Float32Model {
  readonly bytes: Uint8Array;
  readonly exported: ExportedModel;
  /** The logits of the test split, [images, classes]. */
  readonly logits: Float32Array;
}

/** The bytes of the model, with metadata and digest. */
export function float32Bytes(
  { options: { input: wished, opset, features, explain }, configuration, dataset, net, state, evaluated }: ExportSource,
): Uint8Array<ArrayBuffer> {
  const { fit } = configuration, input = sizedForm(wished);
  return withDigest(inferenceModel(net, state, {
    ...{
      opset,
      input,
      features,
      explain,
      temperature: evaluated.calibrated?.temperature,
      imageShape: dataset.imageShape,
      normalisation: dataset,
    },
    description: `${net.title}, trained on ${dataset.name}`,
    metadata: modelMetadata({ ...dataset, ...evaluated, input, fit, configuration: withoutUnusedParts(configuration) }),
  }));
}

/**
 * Compares the model with the network, measures it on the test split and writes `parity.json`.
 *
 * @throws {ParityError} if their logits differ by more than `--tolerance`
 */
export async function checkFloat32(
  bytes: Uint8Array,
  exported: ExportedModel,
  reference: Engine,
  source: ExportSource,
): Promise<{ report: ParityReport; logits: Float32Array }> {
  const { options: { checkpoint, opset, input }, paths, dataset } = source;
  const compared = await compareWithNetwork(exported, reference, source);
  const logits = await testLogits(exported, source, "float32");
  const { images, accuracy: { exported: accuracy } } = compareLogits(logits, logits, dataset.test.labels, 0);
  const report: ParityReport = {
    ...compared,
    ...{ precision: "float32", checkpoint, opset, input, bytes: bytes.length },
    test: { images, accuracy },
    speed: await exported.measureSpeed(),
    reduced: {},
  };
  await writeParity(paths, report);
  requireParity(report, paths.models.float32);
  logReport(source, report, accuracy, `largest difference of a logit ${report.maxAbsoluteDifference.toExponential(1)}`);
  return { report, logits };
}

/** Compares the model with the network itself, branch by branch, on TensorFlow.js. */
async function compareWithNetwork(exported: ExportedModel, reference: Engine, source: ExportSource): Promise<Parity> {
  const { options: { parityImages, tolerance }, dataset, net, state, context } = source;
  const chosen = spread(dataset, dataset.test, parityImages);
  const sample = imagesInOrder(dataset, chosen, chosen.count).next().value!;
  context.log(`export: comparing ${sample.count} images with the network on ${reference.description}`);
  await using classifier = new Classifier(reference, net, dataset.imageShape);
  const tensors = uploadAll(reference, state);
  try {
    const expected = await classifier.logits(tensors, sample);
    return compareLogits(expected, await exported.logits(sample), sample.labels, tolerance);
  } finally {
    disposeAll(tensors);
  }
}

function requireParity({ passed, maxAbsoluteDifference, tolerance, top1Agreement, images }: Parity, path: string) {
  if (passed) return;
  throw new ParityError(
    `the exported model differs from the network: by ${maxAbsoluteDifference} in a logit (allowed ${tolerance}), ` +
      `with the same class for ${100 * top1Agreement} % of ${images} images; ${path} is not written`,
  );
}
