/**
 * `explanations.json`: Grad-CAM maps of the most confident mistakes.
 *
 * @module
 */
import { z } from "zod";
import type { HeatMap } from "../../data/heat_map.ts";
import { readJsonIfThere, writeJson } from "./json_file.ts";
import type { RunPaths } from "./paths.ts";

const count = z.int().min(0);

const Explanations = z.object({
  /** SHA-256 of the checkpoint's file. */
  checkpointDigest: z.string(),
  maps: z.array(
    z.object({
      /** The index of the picture in the test split. */
      image: count,
      height: z.int().min(1).max(4096),
      width: z.int().min(1).max(4096),
      /** [height, width], shares of the largest value in thousandths. */
      values: z.array(z.int().min(0).max(1000)),
    }).refine(({ height, width, values }) => values.length === height * width),
  ),
});

export type Explanations = Readonly<z.output<typeof Explanations>>;

type ExplanationsPath = Pick<RunPaths, "explanations">;

/** @param maps by the index of the picture in the test split */
export async function writeExplanations(
  { explanations: path }: ExplanationsPath,
  checkpointDigest: string,
  maps: ReadonlyMap<number, HeatMap>,
): Promise<void> {
  const rounded = [...maps].map(([image, { values, height, width }]) => {
    const most = Array.from(values).reduce((a, b) => Math.max(a, b), 0);
    return { image, height, width, values: Array.from(values, (value) => Math.round(1000 * value / (most || 1))) };
  });
  await writeJson(path, { checkpointDigest, maps: rounded });
}

/**
 * @returns undefined if the run has none
 * @throws {InputError} if the file is damaged
 */
export const explanationsIfThere = (
  { explanations, flags }: ExplanationsPath & Pick<RunPaths, "flags">,
): Promise<Explanations | undefined> => readJsonIfThere(explanations, Explanations, `evaluate ${flags}`);
