/**
 * The pictures that a run trains on, and those that choose its best checkpoint. Everything else of a data set is left to
 * `evaluate`.
 *
 * @module
 */
import type { TrainingData } from "../../data/batches.ts";
import type { Dataset, Split } from "../../data/dataset.ts";
import { InputError } from "../../data/files/input_error.ts";
import { parseTrainingPictures, trainingPart } from "../../data/training_pictures.ts";
import { heldOut, parseValidation } from "../../data/validation_split.ts";
import type { Configuration } from "../configuration/fields.ts";
import { countText } from "../cli/quantity.ts";
import { UsageError } from "../configuration/usage_error.ts";

export interface TrainingSplits {
  /** The data set as training sees it: without its test split and without pictures that are held out or left out. */
  readonly training: TrainingData;
  /** The pictures of each validation; undefined with `--validation none`. */
  readonly validation: Split | undefined;
  /** Says where the validation pictures are from. */
  readonly description: string;
  /** Says how many of the training pictures are used; undefined if all are. */
  readonly part: string | undefined;
}

type Choices = Pick<Configuration, "validation" | "trainingPictures">;

/**
 * Divides a data set as `--validation` and `--training-pictures` say. A share or a number is held out of the training split,
 * unless the data set has a validation split of its own. Mean and deviation stay those of the data set, so that runs on few and
 * on many pictures differ by the pictures alone, and classify the same decoded images.
 *
 * @throws {UsageError} if so many pictures cannot be held out or used
 */
export function trainingSplits(dataset: Dataset, choices: Choices): TrainingSplits {
  const { training, ...validated } = validationOf(dataset, choices);
  const pictures = parseTrainingPictures(choices.trainingPictures);
  if (pictures === "all") return { training, ...validated, part: undefined };
  const held = training.train === dataset.train ? undefined : validated.validation;
  const train = named("--training-pictures", () => trainingPart(dataset, held, pictures));
  const part = `${countText(train.count)} of ${countText(dataset.train.count)} training pictures`;
  return { training: { ...training, train }, ...validated, part };
}

function validationOf(
  dataset: Dataset,
  { validation, trainingPictures }: Choices,
): Omit<TrainingSplits, "part"> {
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
  const remedy = "; --validation none trains on every picture";
  const { train, validation: held } = named("--validation", () => heldOut(dataset, choice), remedy);
  const trained = trainingPictures === "all" ? `; ${train.count} are trained on` : "";
  const description =
    `validation on ${held.count} images held out of the training split (--validation ${validation})${trained}`;
  return { training: { ...training, train }, validation: held, description };
}

/** @throws {UsageError} that names the flag, where pictures cannot be chosen */
function named<Chosen>(flag: string, choose: () => Chosen, remedy = ""): Chosen {
  try {
    return choose();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new UsageError(`${flag}: ${error.message}${remedy}`);
  }
}
