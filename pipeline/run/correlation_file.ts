/**
 * `branch_correlation.json`: the schema, the reader and the writer of the correlations of branches.
 *
 * @module
 */
import { z } from "zod";
import { readJsonIfThere, writeJson } from "./json_file.ts";
import type { RunPaths } from "./paths.ts";

const BranchCorrelation = z.object({
  run: z.string(),
  /** The network's title. */
  network: z.string(),
  shake: z.string(),
  dataset: z.string(),
  images: z.int().min(0),
  /** Mean correlation of the outputs of a block's branches, by block. */
  blocks: z.array(z.object({ block: z.string(), correlation: z.number() })).min(1),
});
/** The correlations of one run. */
export type BranchCorrelation = Readonly<z.output<typeof BranchCorrelation>>;

/** The correlations of runs that are compared. */
export const BranchCorrelations = z.array(BranchCorrelation).min(1);

type CorrelationPath = Pick<RunPaths, "branchCorrelation">;

export const writeCorrelations = (
  { branchCorrelation }: CorrelationPath,
  runs: readonly BranchCorrelation[],
): Promise<void> => writeJson(branchCorrelation, runs);

/**
 * @returns undefined if the correlations are not measured
 * @throws {InputError} if the file is damaged
 */
export const correlationsIfThere = (
  { branchCorrelation, flags }: CorrelationPath & Pick<RunPaths, "flags">,
): Promise<BranchCorrelation[] | undefined> =>
  readJsonIfThere(branchCorrelation, BranchCorrelations, `correlate ${flags}`);
