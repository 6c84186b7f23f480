/**
 * Fields of a run: its name and its folders.
 *
 * @module
 */
import { z } from "zod";
import { field, path, RUN_NAME } from "./field.ts";

export const runFields = {
  run: field(z.string().regex(RUN_NAME).default("quick"), {
    group: "run",
    description: "name of the run; without it, the name of the preset",
    expects: "a name of at most 100 letters, digits, '.', '_' and '-' that starts with a letter or a digit",
    placeholder: "NAME",
    common: true,
  }),
  runs: field(path.default("runs"), {
    group: "run",
    description: "folder of all runs",
    expects: "a folder",
    placeholder: "FOLDER",
  }),
  cache: field(path.default(".cache"), {
    group: "data",
    description: "folder of downloaded and decoded data, and of compiled graphs",
    expects: "a folder",
    placeholder: "FOLDER",
  }),
};
