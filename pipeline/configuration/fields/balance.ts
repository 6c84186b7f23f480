/**
 * Fields for classes of unequal size, for the choice of the best checkpoint, for how often it is looked for, for the end of a
 * run, and for runs on few pictures. None is used by default.
 *
 * @module
 */
import { z } from "zod";
import { parseTrainingPictures } from "../../../data/training_pictures.ts";
import { isDuration } from "../duration.ts";
import { choice, field, inOneWay, whole } from "./field.ts";

function isTrainingPictures(text: string): boolean {
  try {
    parseTrainingPictures(text);
    return true;
  } catch {
    return false;
  }
}

export const bestNames = ["accuracy", "balanced-accuracy", "macro-f1", "loss"] as const;

export const balanceFields = {
  classWeights: choice(["none", "balanced"], "none", {
    group: "optimisation",
    description:
      "weight of each image in the loss: balanced gives every class the same weight in all, whatever its number of images",
  }),
  classSampling: choice(["natural", "balanced"], "natural", {
    group: "augmentation",
    description:
      "how often images are drawn: balanced draws every class equally often, those of small classes several times an epoch",
  }),
  best: choice(bestNames, "accuracy", {
    group: "optimisation",
    description:
      "measure of the validation images that chooses the best checkpoint; the balanced ones count every class alike",
  }),
  patience: field(whole(1).optional(), {
    group: "optimisation",
    description: "stops after this many epochs without a better validation (see --best); the schedule keeps its length",
  }),
  validateEvery: field(whole(1).default(1), {
    group: "optimisation",
    description: "epochs between two validations; the schedule's last epoch has one too",
  }),
  time: field(z.string().refine(isDuration).optional(), {
    group: "optimisation",
    description:
      "time of the run, such as 2h, in place of --epochs: the measured speed decides how many epochs fit, and the " +
      "schedule ends with them",
    expects: "a duration such as 90s, 45m, 2h or 1h30m",
    placeholder: "DURATION",
  }),
  trainingPictures: field(z.preprocess(inOneWay, z.string().refine(isTrainingPictures)).default("all"), {
    group: "data",
    description:
      "trains on a part of the training pictures, of each class in proportion; a smaller part lies within a larger one",
    expects: "all, a share below 1 of the training split or a number of pictures",
    placeholder: "NUMBER",
  }),
};
