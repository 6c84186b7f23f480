/**
 * Stage 4: measures a trained network on the test split: accuracy, precision, recall, F1, calibration, confusion matrix.
 *
 * @module
 */
import { command } from "../cli/command.ts";
import { evaluateStage, evaluationFields } from "../evaluation/evaluate_stage.ts";
import { refreshReport } from "../report/refresh_report.ts";

export const evaluate = command({
  name: "evaluate",
  fields: evaluationFields,
  async run(options, context) {
    const result = await evaluateStage(options, context);
    await refreshReport(options, context);
    return result;
  },
});
