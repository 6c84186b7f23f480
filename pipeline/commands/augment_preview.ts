/**
 * Writes a sheet of training images beside their augmented forms.
 *
 * @module
 */
import { parseAugmentations } from "../../data/augmentation_list.ts";
import { augmentations } from "../../data/augmentations.ts";
import type { Dataset } from "../../data/dataset.ts";
import { replaceFile, writeAll } from "../../data/files/files.ts";
import { lockFolder } from "../../data/files/folder_lock.ts";
import { labelWarnings } from "../../data/label_warnings.ts";
import { command, type Context } from "../cli/command.ts";
import { type Configuration, fieldInfo } from "../configuration/fields.ts";
import { UsageError } from "../configuration/usage_error.ts";
import { augmentationSheet } from "../report/augmentation_sheet.ts";
import { loadDataset } from "../run/load_dataset.ts";
import { type DataFields, dataFields, runPaths } from "../run/paths.ts";
import { isSameFolder, withPictureSettings } from "../run/picture_settings.ts";
import { runConfigurationIfThere } from "../run/run_configuration.ts";
import { loadRunData } from "../run/run_data.ts";

export const augmentPreview = command({
  name: "augment-preview",
  fields: [...dataFields, "augment", "seed", "examples", "run", "runs", "cache"],
  async run(configuration, context) {
    const dataset = await datasetOf(configuration, context);
    const steps = parseAugmentations(configuration.augment);
    for (const { name, amount } of steps) {
      context.log(`augment-preview: ${name}${amount ? ` ${amount}` : ""}: ${augmentations[name].description}`);
    }
    for (const warning of labelWarnings(steps, dataset.labels)) context.log(`warning: ${warning}`);
    const rows = Math.min(configuration.examples, dataset.train.count);
    const sheet = await augmentationSheet(dataset, configuration, rows);
    using _lock = await lockFolder(runPaths(configuration).folder, "deno task augment-preview");
    const { augmentation } = runPaths(configuration);
    await replaceFile(augmentation, (file) => writeAll(file, sheet));
    context.print(augmentation);
    return { augmentations: steps, images: rows, file: augmentation };
  },
});

type Options = DataFields & Pick<Configuration, "run" | "runs">;

/** The data set of the run that `--run` names, once that is trained; otherwise the one that the flags name. */
async function datasetOf(options: Options, context: Context): Promise<Dataset> {
  const paths = runPaths(options);
  const trained = context.given?.has("run") ? await runConfigurationIfThere(paths) : undefined;
  if (!trained) return await loadDataset(await withPictureSettings("augment-preview", options, paths, context));
  requireDataOf(trained, options, context);
  return await loadRunData(paths, { ...trained, cache: options.cache });
}

/** @throws {UsageError} naming a flag that is for other data than the run's */
function requireDataOf(trained: Configuration, options: Options, { given }: Context): void {
  const other = dataFields.filter((field) => given?.has(field)).find((field) =>
    field === "images" ? !isSameFolder(trained, options) : options[field] !== trained[field]
  );
  if (other === undefined) return;
  const { flag, initial } = fieldInfo(other);
  throw new UsageError(
    `${flag}: ${options[other]} is not the run's, which was trained with ${trained[other] ?? initial}; leave ${flag} ` +
      "out, or choose another --run",
  );
}
