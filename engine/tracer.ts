/**
 * The tracer, which is loaded when the first function is traced. Its sources take half a second of processor time, which a
 * program whose graphs are known does not need.
 *
 * @module
 */

type Tracer = typeof import("../onnx/internal.ts");

let loaded: Promise<Tracer> | undefined;

/** Loads the tracer, once. */
export const loadTracer = (): Promise<Tracer> => loaded ??= late("../onnx/internal.ts");

/** Imports a module by a path that Deno does not read: it loads a module that is named in `import()` itself at start. */
const late = async (path: string): Promise<Tracer> => await import(new URL(path, import.meta.url).href);
