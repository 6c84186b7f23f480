// Classifies pictures in Node:  node classify.js FOLDER PICTURE...
// FOLDER is an export: config.json, preprocessor_config.json and onnx/model.onnx.
// Install with `npm install --ignore-scripts`: the script of onnxruntime-node downloads CUDA kernels, which this does not need.
import { readFile } from "node:fs/promises";
import process from "node:process";
import * as ort from "onnxruntime-node";
import sharp from "sharp";

const [folder, ...pictures] = process.argv.slice(2);
const json = async (name) => JSON.parse(await readFile(`${folder}/${name}`, "utf8"));
const { id2label, image_size: size } = await json("config.json");
const { fit, image_mean: mean, image_std: std } = await json("preprocessor_config.json");
const session = await ort.InferenceSession.create(`${folder}/onnx/model.onnx`);

/** The bytes of a picture, [size, size, 3]. */
async function pixelsOf(path) {
  const image = sharp(path), { space, hasProfile } = await image.metadata();
  if (space === "rgb16" && hasProfile) image.withIccProfile("srgb"); // it would be P3
  return await image.autoOrient().flatten({ background: "white" }).toColourspace("srgb")
    .resize(size, size, { fit: { crop: "cover", stretch: "fill", pad: "contain" }[fit], background: "black" })
    .raw({ depth: "uchar" }).toBuffer();
}

/** A picture as the model takes it: normalised planes of red, green and blue. */
function tensorOf(pixels) {
  const numbers = new Float32Array(pixels.length);
  pixels.forEach((byte, at) => {
    const channel = at % 3, pixel = (at - channel) / 3;
    numbers[channel * size * size + pixel] = (byte / 255 - mean[channel]) / std[channel];
  });
  return new ort.Tensor("float32", numbers, [1, 3, size, size]);
}

for (const picture of pictures) {
  const { probabilities } = await session.run({ pixel_values: tensorOf(await pixelsOf(picture)) });
  const best = probabilities.data.indexOf(Math.max(...probabilities.data));
  console.log(`${picture}: ${id2label[best]} ${(100 * probabilities.data[best]).toFixed(1)} %`);
}
