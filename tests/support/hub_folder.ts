/** An export of a small network, as the examples take it, and a picture. */
import sharp from "sharp";
import type { InputForm } from "../../export/variants.ts";
import { hubConfiguration, preprocessorConfiguration } from "../../export/hugging_face.ts";
import { withPixelValues } from "../../export/pixel_values.ts";
import { exportedFile, labels, mean, std } from "./exported_file.ts";
import { uniformNumbers } from "./random_tensors.ts";
import { runOnnx } from "./run_onnx.ts";

export const SIDE = 8;
const imageShape = [SIDE, SIDE, 3] as const;

/** The bytes of a picture, [SIDE, SIDE, 3]. */
export function pixels(seed: number): Uint8Array {
  const next = uniformNumbers(seed);
  return Uint8Array.from({ length: SIDE * SIDE * 3 }, () => 256 * next());
}

export const png = (seed: number): Promise<Uint8Array<ArrayBuffer>> =>
  sharp(pixels(seed), { raw: { width: SIDE, height: SIDE, channels: 3 } }).png().toBuffer() as never;

/** Writes `config.json`, `preprocessor_config.json` and `onnx/model.onnx`. */
export async function writeHubFolder(folder: string, input: InputForm = "float32-nchw"): Promise<void> {
  const size = { architecture: "resnet", depth: 8, width: 2, branches: 2, groups: 4 };
  await Deno.mkdir(`${folder}/onnx`, { recursive: true });
  await Deno.writeTextFile(
    `${folder}/config.json`,
    hubConfiguration({ title: "ShakeNet-8", labels, imageShape, ...size }),
  );
  await Deno.writeTextFile(
    `${folder}/preprocessor_config.json`,
    preprocessorConfiguration({ imageShape, mean, std, fit: "crop" }),
  );
  await Deno.writeFile(
    `${folder}/onnx/model.onnx`,
    withPixelValues(exportedFile(input, SIDE), imageShape, "float32"),
  );
}

let reference: Uint8Array | undefined;

/** The likeliest class of the picture of a seed, and its probability, by onnxruntime here. */
export async function likeliest(seed: number): Promise<{ label: string; probability: number }> {
  const image = { shape: [1, ...imageShape], data: pixels(seed) };
  const { probabilities } = await runOnnx(reference ??= exportedFile("uint8-nhwc", SIDE), { image });
  const data = probabilities!.data as Float32Array, probability = Math.max(...data);
  return { label: labels[data.indexOf(probability)]!, probability };
}
