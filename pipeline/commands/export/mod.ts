/**
 * Stage 5: exports the trained network, or the step that trains it, as ONNX files for any runtime.
 *
 * @module
 */
import { command, type Context, type Result } from "../../cli/command.ts";
import type { Configuration, Field } from "../../configuration/fields.ts";
import { refreshReport } from "../../report/refresh_report.ts";

export { ParityError } from "./parity_error.ts";

const fields = [
  ...["run", "checkpoint", "what", "input", "precision", "calibrationImages", "reduceRange"] as const,
  ...[
    "accuracyLoss",
    "features",
    "explain",
    "opset",
    "tolerance",
    "parityImages",
    "exportSteps",
    "threads",
    "runs",
    "cache",
  ] as const,
] satisfies Field[];

type ExportOptions = Pick<Configuration, typeof fields[number]>;

export const exportModel = command({
  name: "export",
  fields,
  async run(options, context) {
    const result = await exportStage(options, context);
    await refreshReport(options, context);
    return result;
  },
});

/** Exports, unless that is up to date. */
export async function exportStage(options: ExportOptions, context: Context): Promise<Result> {
  if (options.what === "model") return { ...await (await import("./network.ts")).exportNetwork(options, context) };
  return { ...await (await import("./training_step.ts")).exportTrainingStep(options, context) };
}
