/**
 * Stage 5: exports the trained network, or the step that trains it, as ONNX files for any runtime.
 *
 * @module
 */
import { command } from "../../cli/command.ts";

export { ParityError } from "./parity_error.ts";

export const exportModel = command({
  name: "export",
  fields: [
    ...["run", "checkpoint", "what", "input", "precision", "calibrationImages", "reduceRange"] as const,
    ...["accuracyLoss", "opset", "tolerance", "parityImages", "exportSteps", "threads", "runs", "cache"] as const,
  ],
  async run(options, context) {
    if (options.what === "model") return { ...await (await import("./network.ts")).exportNetwork(options, context) };
    return { ...await (await import("./training_step.ts")).exportTrainingStep(options, context) };
  },
});
