/**
 * The image size of a folder of pictures, where no flag or file gives it: it follows the pictures.
 *
 * @module
 */
import { resolve } from "node:path";
import { typicalSide } from "../../data/image_folder/typical_side.ts";
import { suitedSide } from "../../data/suited_side.ts";
import type { Context } from "../cli/command.ts";
import type { Configuration } from "../configuration/fields.ts";
import { networkOfPretrained } from "../configuration/pretrained.ts";

type Fields = Pick<Configuration, "dataset" | "images" | "imageSize"> & Partial<Pick<Configuration, "init" | "stem">>;

/**
 * Completes a configuration with the size that suits the pictures, and logs it. The network of `--init pretrained` has the stem
 * for that size, unless it is given.
 *
 * @param name of the command, for the log
 * @throws {InputError} if the folder is no data set
 */
export async function withSuitedSize<Given extends Fields>(
  name: string,
  configuration: Given,
  { given, log, signal }: Pick<Context, "given" | "log" | "signal">,
): Promise<Given> {
  const { dataset, images } = configuration;
  if (dataset !== "folder" || given === undefined || given.has("imageSize")) return configuration;
  const shorter = await typicalSide(resolve(images!), signal);
  if (shorter === undefined) return configuration;
  const imageSize = suitedSide(shorter);
  log(
    `${name}: --image-size ${imageSize}, because the shorter side of half of the pictures is ${shorter} pixels or more`,
  );
  const { stem } = given.has("stem") ? {} : networkOfPretrained({ ...configuration, imageSize });
  return { ...configuration, imageSize, ...(stem && { stem }) };
}

/** The context of the stages after the size is chosen, which do not choose it again. */
export const withKnownSize = (context: Context): Context =>
  context.given ? { ...context, given: new Set([...context.given, "imageSize" as const]) } : context;
