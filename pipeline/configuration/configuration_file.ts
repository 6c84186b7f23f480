/**
 * Reads the file of `--config`.
 *
 * @module
 */
import { UnreadableError } from "../../data/files/file_errors.ts";
import { jsonFault } from "../../data/files/json.ts";
import { readIfThere } from "../../data/files/read_file.ts";
import { pathText } from "./printable.ts";
import { UsageError } from "./usage_error.ts";

/** Greatest number of bytes of a file of fields. */
const MOST_BYTES = 1e6;

/**
 * @returns its JSON value, not checked yet
 * @throws {UsageError} if it cannot be read, or is not JSON
 */
export async function readConfigurationFile(path: string): Promise<unknown> {
  const unusable = (why: string) => new UsageError(`--config: ${pathText(path)} ${why}; name a JSON file of fields`);
  const bytes = await readIfThere(path, MOST_BYTES).catch((error) => {
    throw error instanceof UnreadableError ? unusable(`cannot be read (${error.why})`) : error;
  });
  if (!bytes) throw unusable("does not exist");
  const text = new TextDecoder().decode(bytes);
  const fault = jsonFault(text);
  if (fault !== undefined) throw unusable(fault);
  try {
    return JSON.parse(text);
  } catch {
    throw unusable("is not JSON");
  }
}
