/**
 * The chain of all stages. Each stage skips itself while it is up to date.
 *
 * @module
 */
import { command, type Result } from "../cli/command.ts";
import { evaluateStage } from "../evaluation/evaluate_stage.ts";
import { withKnownSize, withSuitedSize } from "../run/suited_size.ts";
import { trainStage } from "../training/train_stage.ts";
import { download } from "./download.ts";
import { evaluate } from "./evaluate.ts";
import { exportModel, exportStage } from "./export/mod.ts";
import { preprocess } from "./preprocess.ts";
import { report } from "./report.ts";
import { train } from "./train.ts";

const fieldsOfStages = [download, preprocess, train, evaluate, exportModel, report].flatMap(({ fields }) => fields);

export const pipeline = command({
  name: "pipeline",
  fields: [...new Set(fieldsOfStages)],
  async run(fields, context) {
    const configuration = await withSuitedSize("pipeline", fields, context);
    const results: Record<string, Result> = {};
    // The report comes last, so that no stage before has to write it.
    const stages = [
      download,
      preprocess,
      { name: "train", run: trainStage },
      { name: "evaluate", run: evaluateStage },
      { name: "export", run: exportStage },
      report,
    ];
    for (const stage of stages) {
      context.signal.throwIfAborted();
      results[stage.name] = await stage.run(configuration, { ...withKnownSize(context), resume: true });
    }
    return results;
  },
});
