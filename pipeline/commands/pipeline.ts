/**
 * The chain of all stages. Each stage skips itself while it is up to date.
 *
 * @module
 */
import { command, type Result } from "../cli/command.ts";
import { fieldNames } from "../configuration/fields.ts";
import { download } from "./download.ts";
import { evaluate } from "./evaluate.ts";
import { exportModel } from "./export/mod.ts";
import { preprocess } from "./preprocess.ts";
import { report } from "./report.ts";
import { trainStage } from "../training/train_stage.ts";
import { train } from "./train.ts";

export const pipeline = command({
  name: "pipeline",
  fields: fieldNames,
  async run(configuration, context) {
    const results: Record<string, Result> = {};
    const stages = [download, preprocess, { name: train.name, run: trainStage }, evaluate, exportModel, report];
    for (const stage of stages) {
      context.signal.throwIfAborted();
      results[stage.name] = await stage.run(configuration, { ...context, resume: true });
    }
    return results;
  },
});
