/**
 * Prints the images per second that one thread reads, mirrors, moves and normalises.
 *
 *     deno run ... bench/reader.ts [--batch 128] [--steps 5]
 *
 * @module
 */
import { trainingBatches } from "../data/batches.ts";
import { median } from "../engine/median.ts";
import { batch, batchOptions, dataset, steps } from "./subject.ts";

/** Batches of one timing. */
const BATCHES = 20;

const batchAt = trainingBatches(dataset, batchOptions);
const speeds = Array.from({ length: steps + 1 }, (_, round) => {
  const begun = performance.now();
  for (let at = 0; at < BATCHES; at++) batchAt(round * BATCHES + at);
  return BATCHES * batch / (performance.now() - begun) * 1000;
});
console.log(`read ${median(speeds.slice(1)).toFixed(0)} images/s`);
