/**
 * The options of the batches of a run, from its configuration.
 *
 * @module
 */
import type { BatchOptions, Part } from "../../data/batches.ts";
import { mixings } from "../../data/mixing.ts";
import type { Configuration } from "../configuration/fields.ts";

export type BatchFields = Pick<
  Configuration,
  "seed" | "batch" | "augment" | "shuffle" | "sizes" | "mixing" | "mixingAmount" | "classSampling"
>;

/** @param part the part of each batch that a process makes; default: all of it */
export function batchOptionsOf(
  { seed, batch, augment, shuffle, sizes, mixing: name, mixingAmount, classSampling }: BatchFields,
  part?: Part,
): BatchOptions {
  return {
    ...{ seed, batch, augment, shuffle, sizes },
    ...(part && { part }),
    ...(classSampling === "balanced" && { balanced: true }),
    ...(name !== "none" && { mixing: { name, amount: mixingAmount ?? mixings[name].amount } }),
  };
}
