/**
 * Writes a sheet of training images beside their augmented forms.
 *
 * @module
 */
import { parseAugmentations } from "../../data/augmentation_list.ts";
import { augmentations } from "../../data/augmentations.ts";
import { replaceFile, writeAll } from "../../data/files/files.ts";
import { lockFolder } from "../../data/files/folder_lock.ts";
import { labelWarnings } from "../../data/label_warnings.ts";
import { command } from "../cli/command.ts";
import { augmentationSheet } from "../report/augmentation_sheet.ts";
import { runPaths } from "../run/paths.ts";
import { loadDataset } from "../run/load_dataset.ts";

export const augmentPreview = command({
  name: "augment-preview",
  fields: ["dataset", "images", "augment", "seed", "examples", "run", "runs", "cache"],
  async run(configuration, context) {
    const dataset = await loadDataset(configuration);
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
