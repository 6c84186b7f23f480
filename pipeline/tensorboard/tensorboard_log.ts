/**
 * A run's metrics for TensorBoard, as Keras lays them out: the folders `train` and `validation` are two runs to it, so
 * that their curves lie in one chart.
 *
 * @module
 */
import { markdownText } from "../../export/markdown.ts";
import type { EpochMetrics, MetricsSink, StepMetrics } from "../run/metrics_log.ts";
import { EventFile } from "./event_file.ts";

export class TensorBoardLog implements MetricsSink {
  private constructor(readonly train: EventFile, readonly validation: EventFile) {}

  /** Begins the events of a run that stands after `step`; those of later steps, which it had written, are void. */
  static async begin(
    folder: string,
    configuration: Readonly<Record<string, unknown>>,
    step: number,
  ): Promise<TensorBoardLog> {
    if (step === 0) await removeFolder(folder);
    const files = await Promise.all(["train", "validation"].map(async (name) => {
      const file = await EventFile.begin(`${folder}/${name}`);
      if (step > 0) await file.append({ step: step + 1, restart: true });
      return file;
    }));
    const [train, validation] = files as [EventFile, EventFile];
    await train.append({ step, texts: { configuration: configurationTable(configuration) } });
    return new TensorBoardLog(train, validation);
  }

  async append(metrics: StepMetrics | EpochMetrics): Promise<void> {
    const { step } = metrics;
    if (!("epoch" in metrics)) {
      const { loss, accuracy, learningRate } = metrics;
      return await this.train.append({ step, scalars: { loss, accuracy, learning_rate: learningRate } });
    }
    const { epoch, trainLoss, trainAccuracy, validationLoss, validationAccuracy } = metrics;
    await this.train.append({ step, scalars: { epoch, epoch_loss: trainLoss, epoch_accuracy: trainAccuracy } });
    if (validationLoss === undefined || validationAccuracy === undefined) return;
    const { validationBalancedAccuracy: balanced, validationMacroF1: macroF1 } = metrics;
    const scalars = {
      ...{ epoch_loss: validationLoss, epoch_accuracy: validationAccuracy },
      ...(balanced !== undefined && { epoch_balanced_accuracy: balanced }),
      ...(macroF1 !== undefined && { epoch_macro_f1: macroF1 }),
    };
    await this.validation.append({ step, scalars });
  }
}

const configurationTable = (configuration: Readonly<Record<string, unknown>>): string =>
  [
    "| field | value |",
    "| --- | --- |",
    ...Object.entries(configuration).map(([key, value]) => `| ${key} | ${markdownText(String(value))} |`),
  ]
    .join("\n");

async function removeFolder(folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
