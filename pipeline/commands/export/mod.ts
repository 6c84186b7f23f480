/**
 * Stage 5: the trained network, or the step that trains it, as ONNX files that any runtime takes.
 *
 * @module
 */
import type { Command } from "../../cli/command.ts";

export type { ParityReport, ReducedReport } from "./network.ts";
export { ParityError } from "./parity_error.ts";

export const exportModel: Command = {
  name: "export",
  fields: [
    ...["run", "checkpoint", "what", "input", "precision", "calibrationImages", "reduceRange"] as const,
    ...["accuracyLoss", "opset", "tolerance", "parityImages", "exportSteps", "threads", "runs", "cache"] as const,
  ],
  async run(options, context) {
    if (options.what === "model") return await (await import("./network.ts")).exportNetwork(options, context);
    return await (await import("./training_step.ts")).exportTrainingStep(options, context);
  },
};
