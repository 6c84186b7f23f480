/**
 * Refuses a checkpoint of another run: an evaluation, a model and its card would name the settings of this one.
 *
 * @module
 */
import { InputError } from "../../data/files/input_error.ts";
import { type Configuration, type Field, fieldInfo, fieldNames } from "../configuration/fields.ts";
import { balanceFields } from "../configuration/fields/balance.ts";
import { recipeFields } from "../configuration/fields/recipe.ts";
import { pathText, valueText } from "../configuration/printable.ts";
import { earlierMeaning } from "../configuration/recorded.ts";
import type { Position } from "./checkpoint.ts";
import { dataFields, type RunPaths } from "./paths.ts";

/** Fields whose values say where something is, and the stem, which `auto` names by the size of the images. */
const places: readonly Field[] = [...dataFields, "init", "stem"];

/** Fields that a checkpoint names only where they differ from their defaults, or from their meaning in earlier versions. */
const optional = ["validation", "stemFilters", ...Object.keys({ ...recipeFields, ...balanceFields })]
  .filter((name) => name !== "time") as Field[];

/**
 * @param file the checkpoint's
 * @param settings that it was trained with
 * @throws {InputError} naming the first setting that the run has not
 */
export function requireOwnCheckpoint(
  { run }: Pick<RunPaths, "run">,
  configuration: Configuration,
  file: string,
  settings: Position["settings"],
): void {
  const compared = fieldNames.filter((field) =>
    !places.includes(field) && (Object.hasOwn(settings, field) || optional.includes(field))
  );
  for (const field of compared) {
    const trained = settings[field] ?? earlierMeaning[field] ?? fieldInfo(field).initial;
    if (JSON.stringify(trained) === JSON.stringify(configuration[field])) continue;
    throw new InputError(
      `${pathText(file)} is of another run than ${run}: its ${field} is ${valueText(trained ?? "none")}, not ` +
        `${valueText(configuration[field] ?? "none")}; name that run with --run, or a checkpoint of ${run}`,
    );
  }
}
