/** The files that a run wrote. */
import type { Configuration } from "../../pipeline/configuration/fields.ts";
import { runPaths } from "../../pipeline/run/paths.ts";

type Place = Pick<Configuration, "runs" | "run">;

export async function metricsOf(place: Place): Promise<Record<string, number>[]> {
  const text = await Deno.readTextFile(runPaths(place).metrics);
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

export const bytesOf = (place: Place, name: "last" | "best"): Promise<Uint8Array<ArrayBuffer>> =>
  Deno.readFile(runPaths(place)[name]);
