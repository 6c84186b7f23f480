/**
 * The likeness that pictures of a data set usually have, without being copies. Photographs have no details in common; digits,
 * letters and scans of forms have most of them.
 *
 * @module
 */
import { stream } from "../random.ts";
import { detailCorrelation } from "./likeness.ts";
import type { InspectedPicture } from "./picture.ts";

/** Least correlation of the details of copies: JPEG of quality 50 keeps 0.79 of CIFAR-10 pictures. */
const LEAST = 0.7;
/** Deviations above the usual correlation at which pictures are copies: at 5 of them, digits have false copies. */
const DEVIATIONS = 6;
/** Pairs of a class that are drawn, and the fewest from which something is usual. */
const PAIRS = 300, FEWEST = 30;
/** A normal distribution's standard deviation in median absolute deviations. */
const NORMAL = 1.4826;

/**
 * Returns a function from a class to the least correlation of the details of copies. Medians of drawn pairs tell the usual
 * correlation, so that the copies among them do not count; a small class takes the pairs of all classes.
 */
export function detailsOfCopies(pictures: readonly InspectedPicture[]): (label: number) => number {
  const pairs = new Map(
    [...Map.groupBy(pictures, ({ label }) => label)].map(([label, own]) => [label, drawn(own, label)]),
  );
  const ofAll = thresholdOf([...pairs.values()].flat());
  const byClass = new Map([...pairs].map(([label, own]) => [label, own.length < FEWEST ? ofAll : thresholdOf(own)]));
  return (label) => byClass.get(label) ?? ofAll;
}

/** The correlations of pairs of different pictures of a class, drawn with repetition. */
function drawn(pictures: readonly InspectedPicture[], label: number): number[] {
  const count = pictures.length, random = stream(0, "inspection", label);
  // Each pair of a small class is drawn about twice.
  const pairs = Math.min(PAIRS, count * (count - 1));
  return Array.from({ length: pairs }, () => {
    const first = random.integer(count), second = (first + 1 + random.integer(count - 1)) % count;
    return detailCorrelation(pictures[first]!.pixels, pictures[second]!.pixels);
  });
}

/** The correlation some deviations above the median, on the scale on which correlations are about normal (Fisher 1915). */
function thresholdOf(correlations: readonly number[]): number {
  if (correlations.length < FEWEST) return LEAST;
  const scaled = correlations.map((correlation) => Math.atanh(Math.min(correlation, MOST)));
  const usual = median(scaled), deviation = NORMAL * median(scaled.map((value) => Math.abs(value - usual)));
  return Math.min(MOST, Math.max(LEAST, Math.tanh(usual + DEVIATIONS * deviation)));
}

/** Pictures whose details agree this far are copies in any data set. */
const MOST = 0.995;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
