/**
 * A command in the list of commands: introduced before its code is loaded.
 *
 * @module
 */
import type { Command } from "./command.ts";
import type { Introduction } from "./help.ts";

export interface CommandEntry extends Introduction {
  /** Imports the command, so that a download loads no TensorFlow. */
  readonly load: () => Promise<Command>;
}
