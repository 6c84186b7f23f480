/**
 * The domains of a model's operators, and the versions in which a model imports them.
 *
 * @module
 */

/** ONNX's own operators; their version is the model's opset. */
export const ONNX = "";
/** onnxruntime's operators on blocked images. */
export const BLOCKED = "com.microsoft.nchwc";
/** Sums over processes, which no runtime computes. */
export const COLLECTIVE = "collective";

/** A domain and the version of its operators. */
export interface OpsetImport {
  readonly domain: string;
  readonly version: bigint;
}

/** Both other domains have one version only. */
const OTHER_VERSION = 1n;

/** Lists the imports of a model whose nodes have these domains. */
export function opsetImports(domains: Iterable<string>, opset: number): OpsetImport[] {
  const others = [...new Set(domains)].filter((domain) => domain !== ONNX);
  return [
    { domain: ONNX, version: BigInt(opset) },
    ...others.map((domain) => ({ domain, version: OTHER_VERSION })),
  ];
}
