/**
 * Measures a model that takes pictures of any size against `predict`, which resizes them before the model.
 *
 * @module
 */
import { decodeImages, decodeWhole } from "../../../data/decode_images.ts";
import type { ExportedModel } from "../../../export/exported_model.ts";
import { percentText } from "../../../export/numbers_as_text.ts";
import { likeliestClass } from "../../../model/likeliest_class.ts";
import type { PreprocessingReport } from "../../run/parity_file.ts";
import { difficultPictures } from "./difficult_pictures.ts";
import { enlargedPictures } from "./enlarged_pictures.ts";
import type { ExportSource } from "./export_source.ts";
import { loadModel } from "./measure_model.ts";
import { spread } from "./model_images.ts";

/** Test images that are enlarged. */
const ENLARGED = 200;

type Kind = keyof PreprocessingReport;

/** Compares the probabilities for whole pictures with those for the pictures that `predict` resizes. */
export async function measurePreprocessing(model: Uint8Array, source: ExportSource): Promise<PreprocessingReport> {
  await using exported = await loadModel(model, source);
  const found: Record<Kind, Difference[]> = { png: [], jpeg: [], difficult: [] };
  for await (const { kind, bytes } of pictures(source)) {
    source.context.signal.throwIfAborted();
    found[kind].push(await difference(exported, bytes, source));
  }
  return { png: summary(found.png), jpeg: summary(found.jpeg), difficult: summary(found.difficult) };
}

async function* pictures({ dataset }: ExportSource): AsyncGenerator<{ kind: Kind; bytes: Uint8Array }> {
  yield* enlargedPictures(dataset, spread(dataset, dataset.test, ENLARGED));
  for (const bytes of (await difficultPictures()).values()) yield { kind: "difficult", bytes };
}

interface Difference {
  /** The largest difference of a class's probability. */
  readonly probability: number;
  readonly sameClass: boolean;
}

async function difference(
  exported: ExportedModel,
  bytes: Uint8Array,
  { dataset: { imageShape: [size] }, configuration: { fit } }: ExportSource,
): Promise<Difference> {
  const options = { fetched: new Map([["", bytes]]), size, fit };
  const { images: pixels } = await decodeImages([{ path: "", label: 0 }], {
    ...options,
    onUnreadable: (_, why) => {
      throw new Error(`a picture to compare cannot be decoded: ${why}`);
    },
  });
  const expected = await exported.probabilitiesOf({ pixels, width: size, height: size });
  const found = await exported.probabilitiesOf(await decodeWhole(bytes));
  const probability = expected.reduce((most, p, at) => Math.max(most, Math.abs(p - found[at]!)), 0);
  return { probability, sameClass: likeliestClass(expected) === likeliestClass(found) };
}

function summary(differences: readonly Difference[]): PreprocessingReport[Kind] {
  const pictures = differences.length;
  return {
    pictures,
    maxProbabilityDifference: differences.reduce((most, { probability }) => Math.max(most, probability), 0),
    meanProbabilityDifference: differences.reduce((sum, { probability }) => sum + probability, 0) / pictures,
    sameClass: differences.filter(({ sameClass }) => sameClass).length / pictures,
  };
}

/** Logs the comparison with `predict`. */
export function logPreprocessing(report: PreprocessingReport, { context }: ExportSource): void {
  for (const [kind, { pictures, maxProbabilityDifference: most, sameClass }] of Object.entries(report)) {
    context.log(
      `export: ${pictures} ${kind} pictures resized in the model: probabilities differ from predict's by at most ` +
        `${most.toExponential(1)}, the class is the same for ${percentText(sameClass)}`,
    );
  }
}
