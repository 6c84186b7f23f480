/**
 * Answers below a threshold of confidence are "unsure": the fewer answers, the more of them are right (selective
 * classification; Geifman & El-Yaniv 2017).
 *
 * @module
 */
import { likeliestClass } from "../../model/likeliest_class.ts";
import type { Predictions } from "./confidence.ts";

/** A likeliest class: its probability, and whether it is the label. */
interface Answer {
  readonly confidence: number;
  readonly right: boolean;
}

function answersOf({ probabilities, labels, classes }: Predictions): Answer[] {
  return Array.from({ length: labels.length }, (_, image) => {
    const row = probabilities.subarray(image * classes, (image + 1) * classes);
    const predicted = likeliestClass(row);
    return { confidence: row[predicted]!, right: predicted === labels[image] };
  });
}

/**
 * Finds the least threshold at which the wanted share of the answers is right.
 *
 * @param wanted 0 to 1
 * @returns undefined if no threshold reaches it; 0 if all answers together do
 */
export function thresholdFor(predictions: Predictions, wanted: number): number | undefined {
  const answers = answersOf(predictions).toSorted((a, b) => b.confidence - a.confidence);
  let right = 0, threshold: number | undefined;
  answers.forEach((answer, at) => {
    if (answer.right) right++;
    // Answers of one confidence are on one side of a threshold.
    const isLast = answers[at + 1]?.confidence !== answer.confidence;
    if (isLast && right >= wanted * (at + 1)) threshold = at + 1 === answers.length ? 0 : answer.confidence;
  });
  return threshold;
}

export interface Selected {
  /** The share of the images that get an answer. */
  readonly coverage: number;
  /** The share of the answers that are right; null without answers. */
  readonly precision: number | null;
}

/** Measures the answers at or above a threshold. */
export function selectedAt(predictions: Predictions, threshold: number): Selected {
  const answers = answersOf(predictions);
  const given = answers.filter(({ confidence }) => confidence >= threshold);
  const right = given.filter((answer) => answer.right).length;
  return {
    coverage: given.length / answers.length,
    precision: given.length === 0 ? null : right / given.length,
  };
}
