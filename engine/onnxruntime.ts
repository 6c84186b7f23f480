/**
 * The border to onnxruntime: its native library, its sessions and its tensors.
 *
 * Its package has no binary for some machines, such as Intel Macs, where importing it throws. It is imported here alone,
 * so that everything else works there, and whatever needs onnxruntime fails with one sentence.
 *
 * @module
 */
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { EngineUnavailableError, type HostTensor } from "./engine.ts";
import { firstLine } from "./first_line.ts";
import { configureOnnxruntime, SESSION_LOG } from "./library_settings.ts";

export type Onnxruntime = typeof import("onnxruntime-node");
export type { InferenceSession, Tensor };

/** A session that `await using` releases. */
export type Session = InferenceSession & AsyncDisposable;

const loaded: Onnxruntime | Error = await import("onnxruntime-node").catch((error: unknown) =>
  error instanceof Error ? error : new Error(String(error))
);
if (!(loaded instanceof Error)) configureOnnxruntime(loaded);

/**
 * Returns onnxruntime.
 *
 * @param library the library, or the error of its import
 * @throws {EngineUnavailableError} if its native library does not load on this machine
 */
export function onnxruntime(library: Onnxruntime | Error = loaded): Onnxruntime {
  if (!(library instanceof Error)) return library;
  if (library instanceof Deno.errors.NotCapable) throw library;
  throw new EngineUnavailableError(
    `onnxruntime does not load on ${Deno.build.os} ${Deno.build.arch} (${firstLine(library)}); ` +
      "use a machine that the package onnxruntime-node has a binary for, or train with --engine tensorflow or cpu",
  );
}

/**
 * Opens a session on a model. It reports errors on standard error unless `options` say otherwise.
 *
 * @throws {EngineUnavailableError} if onnxruntime does not load on this machine
 */
export async function openSession(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<Session> {
  const session = await onnxruntime().InferenceSession.create(model, {
    logSeverityLevel: SESSION_LOG.errors,
    ...options,
  });
  return Object.assign(session, { [Symbol.asyncDispose]: () => session.release() });
}

/** Returns a tensor of onnxruntime with the elements of a tensor, which are not copied. */
export const ortTensor = ({ shape, data }: HostTensor): Tensor =>
  new (onnxruntime().Tensor)(data as Float32Array, shape);

/** Returns tensors of onnxruntime by name. */
export const ortTensors = (tensors: Readonly<Record<string, HostTensor>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, ortTensor(tensor)]));
