/**
 * The version of this program: processes on two machines compare it before they train together.
 *
 * @module
 */
import { sourceDigest } from "../../engine/source_digest.ts";

/** A digest of the sources that training runs, of the package versions and of Deno's version. */
export const programVersion = (): Promise<string> => sourceDigest(["data", "engine", "model", "onnx", "pipeline"]);
