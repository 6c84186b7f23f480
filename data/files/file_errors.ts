/**
 * Errors of the file system as errors of users, which name the file and the reason.
 *
 * @module
 */
import { pathText } from "../printable.ts";
import { InputError } from "./input_error.ts";

/** A file cannot be read. */
export class UnreadableError extends InputError {
  constructor(path: string, readonly why: string) {
    super(`cannot read ${pathText(path)}: ${why}`);
  }
}

/** Returns an error of the file system as an error of a user; any other error unchanged. */
export const notWritten = (path: string, error: unknown): unknown =>
  isSystemError(error) ? new InputError(`cannot write ${pathText(path)}: ${reasonOf(error)}`) : error;

/** Returns an error of the file system as an error of a user; any other error unchanged. */
export const notRead = (path: string, error: unknown): unknown => {
  if (isOfTheSystem(error)) return new UnreadableError(path, "it is a device or a file of the system");
  return isSystemError(error) ? new UnreadableError(path, reasonOf(error)) : error;
};

/** Deno lets no narrower permission than all of them open files such as `/dev/stdin` and `/proc/self/mem`. */
const isOfTheSystem = (error: unknown): boolean =>
  error instanceof Deno.errors.NotCapable && /^Requires all access/.test(error.message);

type SystemError = Error & { readonly code: unknown };

const isSystemError = (error: unknown): error is SystemError => error instanceof Error && "code" in error;

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  EEXIST: "a file is in the place of its folder",
  EDQUOT: "the disk quota is used up",
  ELOOP: "its links lead in a circle",
  ENOENT: "its folder does not exist",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of its path is not a folder",
  EROFS: "the file system is read-only",
};

const reasonOf = (error: SystemError): string => reasons[String(error.code)] ?? error.message;
