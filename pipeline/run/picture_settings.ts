/**
 * How the pictures of a folder are decoded: the settings of the last `preprocess`, and the command that decodes them.
 *
 * @module
 */
import { resolve } from "node:path";
import type { Context } from "../cli/command.ts";
import { shellWord } from "../cli/shell_word.ts";
import { Configuration, type Field, fieldInfo } from "../configuration/fields.ts";
import { networkOfPretrained } from "../configuration/pretrained.ts";
import { readJsonIfThere, writeJson } from "./json_file.ts";
import { type DataFields, latestSettingsPath, pictureSettings, type RunPaths } from "./paths.ts";
import { runConfigurationIfThere } from "./run_configuration.ts";

const PictureSettings = Configuration.pick({ imageSize: true, fit: true, holdOut: true, unreadable: true });
type PictureSettings = Pick<Configuration, typeof pictureSettings[number]>;

const settingsOf = ({ imageSize, fit, holdOut, unreadable }: PictureSettings): PictureSettings => ({
  ...{ imageSize, fit, holdOut, unreadable },
});

/** Records the settings for the stages after `preprocess`, which use them without being told. */
export const writeLatestSettings = (configuration: DataFields): Promise<void> =>
  writeJson(latestSettingsPath(configuration), settingsOf(configuration));

/** A configuration that names data; one that trains has a network too. */
type Fields = DataFields & Partial<Pick<Configuration, "init" | "stem">>;

/**
 * Completes a configuration with the settings that flags and files do not give: a run that resumes keeps its own, and any
 * other command uses those of the last `preprocess` of the folder. The network of `--init pretrained` has the stem for that
 * size, unless it is given.
 *
 * @param name of the command, for the log
 */
export async function withPictureSettings<Given extends Fields>(
  name: string,
  configuration: Given,
  paths: RunPaths,
  { given, resume, log }: Pick<Context, "given" | "resume" | "log">,
): Promise<Given> {
  const open = given === undefined ? [] : pictureSettings.filter((field) => !given.has(field));
  if (configuration.dataset !== "folder" || open.length === 0) return configuration;
  const ofRun = resume ? await runConfigurationIfThere(paths) : undefined;
  const settings = ofRun && isSameFolder(ofRun, configuration)
    ? ofRun
    : await readJsonIfThere(latestSettingsPath(configuration), PictureSettings, "preprocess");
  if (settings === undefined) return configuration;
  const chosen = { ...configuration, ...Object.fromEntries(open.map((field) => [field, settings[field]])) };
  const flags = changedFlags(chosen, open).join(" ");
  if (flags !== "") log(`${name}: ${settings === ofRun ? "the run's pictures" : "the last preprocess"} had ${flags}`);
  const { stem } = given!.has("stem") ? {} : networkOfPretrained(chosen);
  return { ...chosen, ...(stem && { stem }) };
}

/** Tests that two configurations name the same data set, however it is decoded. */
export const isSameFolder = (a: DataFields, b: DataFields): boolean =>
  a.dataset === b.dataset && resolve(a.images ?? "") === resolve(b.images ?? "");

/** The command that decodes a data set. */
export function preprocessTask(configuration: DataFields): string {
  const fields: readonly Field[] = configuration.dataset === "folder"
    ? ["images", ...pictureSettings, "cache"]
    : ["cache"];
  // Without the flag, the image size follows the pictures.
  const flags = changedFlags(configuration, fields, ["imageSize"]);
  return ["deno task preprocess --dataset", configuration.dataset, ...flags].join(" ");
}

/** The flags of the fields whose values are not the defaults, or that are always named, as a shell reads them. */
export const changedFlags = (
  configuration: DataFields,
  fields: readonly Field[],
  always: readonly Field[] = [],
): string[] =>
  fields.flatMap((field) => {
    const { flag, initial } = fieldInfo(field);
    const value = (configuration as Partial<Configuration>)[field];
    return value === undefined || (value === initial && !always.includes(field))
      ? []
      : [`${flag} ${shellWord(String(value))}`];
  });
