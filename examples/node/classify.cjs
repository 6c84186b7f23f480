// The same from CommonJS:  node classify.cjs FOLDER PICTURE...
// Install with `npm install --ignore-scripts`: the script of onnxruntime-node downloads CUDA kernels, which this does not need.
const { readFile } = require("node:fs/promises");
const ort = require("onnxruntime-node");
const sharp = require("sharp");

async function main([folder, ...pictures]) {
  const json = async (name) => JSON.parse(await readFile(`${folder}/${name}`, "utf8"));
  const { id2label, image_size: size } = await json("config.json");
  const { fit, image_mean: mean, image_std: std } = await json("preprocessor_config.json");
  const session = await ort.InferenceSession.create(`${folder}/onnx/model.onnx`);
  for (const picture of pictures) {
    const image = sharp(picture), { space, hasProfile } = await image.metadata();
    if (space === "rgb16" && hasProfile) image.withIccProfile("srgb"); // it would be P3
    const pixels = await image.autoOrient().flatten({ background: "white" }).toColourspace("srgb")
      .resize(size, size, { fit: { crop: "cover", stretch: "fill", pad: "contain" }[fit], background: "black" })
      .raw({ depth: "uchar" }).toBuffer();
    const { probabilities } = await session.run({ pixel_values: tensorOf(pixels, { size, mean, std }) });
    const best = probabilities.data.indexOf(Math.max(...probabilities.data));
    console.log(`${picture}: ${id2label[best]} ${(100 * probabilities.data[best]).toFixed(1)} %`);
  }
}

/** A picture, bytes [size, size, 3], as the model takes it: normalised planes of red, green and blue. */
function tensorOf(pixels, { size, mean, std }) {
  const numbers = new Float32Array(pixels.length);
  pixels.forEach((byte, at) => {
    const channel = at % 3, pixel = (at - channel) / 3;
    numbers[channel * size * size + pixel] = (byte / 255 - mean[channel]) / std[channel];
  });
  return new ort.Tensor("float32", numbers, [1, 3, size, size]);
}

main(process.argv.slice(2));
