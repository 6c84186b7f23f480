/**
 * An exported model whose one probability is a weighted mean of the pixels: it shows what a program gives the model. The weights
 * differ at every pixel, so a picture that is turned, moved or has other colours has another mean.
 */
import { DYNAMIC, ModelBuilder } from "../../onnx/internal.ts";
import { hubConfiguration, preprocessorConfiguration } from "../../export/hugging_face.ts";
import { modelMetadata, withDigest } from "../../export/model_file.ts";

export const SIDE = 32;
/** The probability of the first label is the mean; that of the other is the rest to 1. */
export const labels = ["bright", "dark"];
const imageShape = [SIDE, SIDE, 3] as const;
const normalisation = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } as const;

function weights(): Float32Array {
  const raw = Float64Array.from({ length: SIDE * SIDE * 3 }, (_, at) => {
    const channel = at % 3, x = Math.floor(at / 3) % SIDE, y = Math.floor(at / 3 / SIDE);
    return (1 + 2 * x / SIDE + 3 * (y / SIDE) ** 2) * (1 + channel);
  });
  const total = raw.reduce((a, b) => a + b);
  return Float32Array.from(raw, (weight) => weight / total / 255);
}

function probe(fit: string): Uint8Array<ArrayBuffer> {
  const builder = new ModelBuilder(17);
  const image = builder.input("pixel_values", { shape: [DYNAMIC, 3, SIDE, SIDE], dtype: "float32" });
  const last = builder.node("Transpose", [image], { perm: [0, 2, 3, 1] });
  const perChannel = (values: readonly number[]) => builder.constant(Float32Array.from(values), [3], "float32");
  const scaled = builder.node("Mul", [last, perChannel(normalisation.std.map((std) => 255 * std))]);
  const bytes = builder.node("Add", [scaled, perChannel(normalisation.mean.map((mean) => 255 * mean))]);
  const flat = builder.node("Reshape", [bytes, builder.integers([-1, SIDE * SIDE * 3])]);
  const bright = builder.node("MatMul", [flat, builder.constant(weights(), [SIDE * SIDE * 3, 1], "float32")]);
  const dark = builder.node("Sub", [builder.scalar(1), bright]);
  const both = builder.node("Concat", [bright, dark], { axis: 1 });
  for (const name of ["logits", "probabilities"]) {
    builder.output(name, both, { shape: [DYNAMIC, 2], dtype: "float32" });
  }
  const described = {
    name: "probe",
    labels,
    ...normalisation,
    accuracy: 1,
    chosenOn: "none" as const,
    step: 1,
    testTimeAugmentation: "none",
  };
  const metadata = modelMetadata({ ...described, input: "float32-nchw", fit, configuration: {} });
  return withDigest(builder.build({ metadata }));
}

/** Writes `config.json`, `preprocessor_config.json` and `onnx/model.onnx`; returns the path of the model. */
export async function writeProbe(folder: string, fit: string): Promise<string> {
  await Deno.mkdir(`${folder}/onnx`, { recursive: true });
  const size = { architecture: "resnet", depth: 8, width: 2, branches: 2, groups: 4 } as const;
  await Deno.writeTextFile(`${folder}/config.json`, hubConfiguration({ title: "probe", labels, imageShape, ...size }));
  await Deno.writeTextFile(
    `${folder}/preprocessor_config.json`,
    preprocessorConfiguration({ imageShape, ...normalisation, fit }),
  );
  await Deno.writeFile(`${folder}/onnx/model.onnx`, probe(fit));
  return `${folder}/onnx/model.onnx`;
}
