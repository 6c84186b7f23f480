/**
 * The flags of commands that are no fields.
 *
 * @module
 */
import type { Group } from "../configuration/fields/field.ts";
import { presetNames } from "../configuration/presets.ts";
import type { SwitchName } from "../configuration/synonyms.ts";
import type { Command } from "./command.ts";

export interface Switch {
  /** Undefined for those of every command, which the help shows last. */
  readonly group?: Group;
  /** The word for its value, if it takes one. */
  readonly value?: string;
  /** All values, where there is a list of them. */
  readonly choices?: readonly string[];
  readonly description: string;
}

const switches: Readonly<Record<SwitchName, Switch>> = {
  preset: {
    group: "run",
    value: "NAME",
    choices: presetNames,
    description: `values to start with: ${presetNames.join(", ")} (default quick)`,
  },
  config: {
    group: "run",
    value: "FILE",
    description: "JSON file of fields, such as a run's config.json; it overrides the preset, and flags override it",
  },
  resume: { group: "run", description: "continues the run after its last checkpoint" },
  force: { group: "run", description: "runs even if its results are up to date" },
  quiet: { description: "prints only errors and results" },
  json: { description: "prints the result as one line of JSON on standard output; messages go to standard error" },
  help: { description: "prints this help; --help all prints every flag and preset" },
};

/** The flags of a command that are no fields. Without fields there is nothing that a preset or a file could set. */
export function switchesOf({ fields, resumes }: Command): Partial<Record<SwitchName, Switch>> {
  const { preset, config, resume, ...others } = switches;
  return { ...(fields.length && { preset, config }), ...(resumes && { resume }), ...others };
}
