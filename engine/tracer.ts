/**
 * The tracer, which is loaded when the first function is traced. Its sources take half a second of processor time, which a
 * program whose graphs are known does not need.
 *
 * @module
 */

type Tracer = typeof import("../onnx/internal.ts");

let loaded: Promise<Tracer> | undefined;

/** Loads the tracer, once. */
export const loadTracer = (): Promise<Tracer> => loaded ??= imported("../onnx/internal.ts", import.meta.url);

/** Imports by a path that Deno does not read: it loads at start each module that an import names itself. */
const imported = async (path: "../onnx/internal.ts", url: string): Promise<Tracer> =>
  await import(new URL(path, url).href);
