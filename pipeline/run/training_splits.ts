/**
 * The pictures that a run trains on, and those that choose its best checkpoint. Everything else of a data set is left to
 * `evaluate`.
 *
 * @module
 */
import type { TrainingData } from "../../data/batches.ts";
import type { Dataset, Split } from "../../data/dataset.ts";
import { InputError } from "../../data/files/input_error.ts";
import { heldOut, parseValidation } from "../../data/validation_split.ts";
import type { Configuration } from "../configuration/fields.ts";
import { UsageError } from "../configuration/usage_error.ts";

export interface TrainingSplits {
  /** The data set as training sees it: without its test split and without held out pictures. */
  readonly training: TrainingData;
  /** The pictures of each validation; undefined with `--validation none`. */
  readonly validation: Split | undefined;
  /** Says where the validation pictures are from. */
  readonly description: string;
}

/**
 * Divides a data set as `--validation` says. A share or a number is held out of the training split, unless the data set has a
 * validation split of its own. Mean and deviation stay those of the data set.
 *
 * @throws {UsageError} if so many pictures cannot be held out
 */
export function trainingSplits(dataset: Dataset, { validation }: Pick<Configuration, "validation">): TrainingSplits {
  const { test, validation: own, ...training } = dataset;
  const choice = parseValidation(validation);
  if (choice === "none") {
    return {
      training,
      validation: undefined,
      description: "no validation (--validation none): the last checkpoint counts",
    };
  }
  if (choice === "test") {
    const description =
      `validation on the ${test.count} test images (--validation test), so they choose the best checkpoint`;
    return { training, validation: test, description };
  }
  if (own) {
    return { training, validation: own, description: `validation on the data's own ${own.count} validation images` };
  }
  const { train, validation: held } = heldOutOf(dataset, choice);
  const description =
    `validation on ${held.count} images held out of the training split (--validation ${validation}); ` +
    `${train.count} are trained on`;
  return { training: { ...training, train }, validation: held, description };
}

function heldOutOf(dataset: Dataset, choice: Parameters<typeof heldOut>[1]): ReturnType<typeof heldOut> {
  try {
    return heldOut(dataset, choice);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new UsageError(`--validation: ${error.message}; --validation none trains on every picture`);
  }
}
