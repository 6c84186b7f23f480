/**
 * The error of a flag that a command does not have, with the one that was probably meant.
 *
 * @module
 */
import { type Field, fieldInfo, fieldNames } from "../configuration/fields.ts";
import { shortened } from "../configuration/printable.ts";
import { didYouMean, explanationOf, meaningsOf, nearest } from "../configuration/suggestions.ts";
import { UsageError } from "../configuration/usage_error.ts";
import type { Command } from "./command.ts";
import { switchesOf } from "./switches.ts";

/**
 * @param written the flag with its dashes
 * @param known the names of the command's flags, without dashes
 */
export function unknownFlag(command: Command, written: string, known: readonly string[]): UsageError {
  const word = written.replace(/^-+/, "");
  const says = `${shortened(written)} is not a flag of ${command.name}`;
  const explanation = explanationOf(word);
  if (explanation) return new UsageError(`${says}: ${explanation}`);
  const switches = Object.keys(switchesOf(command));
  const meant = meaningsOf(word, [...command.fields, ...switches]).map(({ target, value }) => {
    const flag = switches.includes(target) ? `--${target}` : fieldInfo(target as Field).flag;
    return value === undefined ? flag : `${flag} ${value}`;
  });
  if (meant.length) return new UsageError(`${says}${didYouMean(meant)}`);
  const elsewhere = fieldNames.some((field) => fieldInfo(field).flag === written);
  const found = elsewhere ? undefined : nearest(word, known);
  if (found) return new UsageError(`${says}${didYouMean(`--${found}`)}`);
  const help = `\`deno task ${command.name} --help all\` lists its flags`;
  return new UsageError(elsewhere ? `${says}, but of other commands; ${help}` : `${says}; ${help}`);
}
