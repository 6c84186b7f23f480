/**
 * Fields of the data set.
 *
 * @module
 */
import { z } from "zod";
import { datasetNames } from "../../../data/catalogue.ts";
import { fits } from "../../../data/decode_images.ts";
import { parseValidation } from "../../../data/validation_split.ts";
import { choice, field, inOneWay, path, whole } from "./field.ts";

function isValidation(text: string): boolean {
  try {
    parseValidation(text);
    return true;
  } catch {
    return false;
  }
}

export const dataFields = {
  dataset: choice(datasetNames, "shapes", {
    group: "data",
    description: "data set; shapes is drawn here, folder reads --images, the others are downloaded",
    common: true,
  }),
  from: field(path.optional(), {
    group: "data",
    description: "archive to use instead of the published one",
    expects: "a file or an http(s) URL",
    placeholder: "FILE",
  }),
  images: field(path.optional(), {
    group: "data",
    description: "images to train on, as train/<class>/*.jpg and test/<class>/*.jpg; then --dataset is folder",
    expects: "a folder",
    placeholder: "FOLDER",
    common: true,
  }),
  imageSize: field(whole(8, 512).multipleOf(4).default(32), {
    group: "data",
    description:
      "height and width to which images of a folder are scaled; without it, the greatest of 32, 64, 128 and 224 that half of the images reach",
  }),
  fit: choice(fits, "crop", {
    group: "data",
    description: "makes images of a folder square: crop keeps the middle, stretch distorts, pad adds black borders",
  }),
  holdOut: field(z.number().gt(0).lt(1).default(0.1), {
    group: "data",
    description: "about this share of each class for the test split, for a folder of images without one",
  }),
  validation: field(z.preprocess(inOneWay, z.string().refine(isValidation)).default("0.1"), {
    group: "data",
    description:
      "pictures that choose the best checkpoint: held out of the training split, unless the folder has its own; " +
      "test chooses on the test pictures, none trains on every training picture and keeps the last checkpoint",
    expects: "a share below 1 or a number of training pictures, test or none",
    placeholder: "SPLIT",
    common: true,
  }),
  unreadable: choice(["refuse", "skip"], "refuse", {
    group: "data",
    description: "stop at pictures that cannot be decoded, or skip them",
  }),
};
