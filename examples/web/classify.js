// Classifies a dropped picture in the browser alone, with onnxruntime-web.
const SHOWN = 5;
/** Where the server has onnxruntime-web's files. */
const RUNTIME = new URL("onnxruntime/", import.meta.url).href;

async function loadRuntime() {
  const ort = await import(`${RUNTIME}ort.wasm.min.mjs`).catch(() => {
    throw new Error("onnxruntime-web is missing; run `deno install` in the folder of this page");
  });
  ort.env.wasm.wasmPaths = RUNTIME;
  ort.env.wasm.numThreads = self.crossOriginIsolated ? navigator.hardwareConcurrency : 1;
  return ort;
}

const element = (id) => document.getElementById(id);
const say = (text) => element("status").textContent = text;
const json = async (path) => {
  const response = await fetch(`model/${path}`);
  if (!response.ok) throw new Error(`${path} is missing in the folder of the model`);
  return await response.json();
};

/** Draws the picture as for training: stretched, its middle, or with black around it. */
function draw(bitmap, size, fit) {
  const canvas = element("picture");
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb" });
  const { width, height } = bitmap;
  const [least, most] = [Math.min(width, height), Math.max(width, height)];
  context.fillStyle = fit === "pad" ? "black" : "white";
  context.fillRect(0, 0, size, size);
  context.imageSmoothingQuality = "high";
  if (fit === "stretch") context.drawImage(bitmap, 0, 0, size, size);
  else {
    const scale = size / (fit === "crop" ? least : most);
    // Whole pixels, as in training.
    const [w, h] = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
    const [x, y] = [Math.floor((size - w) / 2), Math.floor((size - h) / 2)];
    if (fit === "pad") {
      context.fillStyle = "white";
      context.fillRect(x, y, w, h);
    }
    context.drawImage(bitmap, x, y, w, h);
  }
  canvas.hidden = false;
  return context.getImageData(0, 0, size, size).data;
}

/** Red, green, blue and opacity of every pixel as the model takes them: normalised planes of red, green and blue. */
function tensorOf(ort, rgba, size, { image_mean: mean, image_std: std }) {
  const pixels = size * size;
  const numbers = new Float32Array(3 * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      numbers[channel * pixels + pixel] = (rgba[4 * pixel + channel] / 255 - mean[channel]) / std[channel];
    }
  }
  return new ort.Tensor("float32", numbers, [1, 3, size, size]);
}

function show(probabilities, id2label) {
  const classes = Array.from(probabilities, (probability, id) => ({ probability, label: id2label[id] }))
    .sort((a, b) => b.probability - a.probability).slice(0, SHOWN);
  element("classes").replaceChildren(...classes.map(({ label, probability }) => {
    const bar = Object.assign(document.createElement("progress"), { value: probability, ariaLabel: label });
    const cells = [label, bar, `${(100 * probability).toFixed(1)} %`].map((cell) => {
      const span = document.createElement("span");
      span.append(cell);
      return span;
    });
    const item = document.createElement("li");
    item.append(...cells);
    return item;
  }));
}

async function start() {
  const ort = await loadRuntime();
  const [{ id2label, image_size: size }, preprocessing, session] = await Promise.all([
    json("config.json"),
    json("preprocessor_config.json"),
    ort.InferenceSession.create("model/onnx/model.onnx", { executionProviders: ["wasm"] }),
  ]);
  const classify = async (file) => {
    if (!file) return;
    try {
      // The bitmap is turned as the picture's EXIF orientation says.
      const bitmap = await createImageBitmap(file);
      const begun = performance.now();
      const pixels = tensorOf(ort, draw(bitmap, size, preprocessing.fit), size, preprocessing);
      const { probabilities } = await session.run({ pixel_values: pixels });
      show(probabilities.data, id2label);
      say(`${file.name}, classified in ${(performance.now() - begun).toFixed(0)} ms`);
    } catch {
      say(`${file.name} cannot be read as a picture.`);
    }
  };
  const drop = element("drop");
  element("file").addEventListener("change", ({ target }) => classify(target.files[0]));
  for (const type of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", type === "dragover");
      if (type === "drop") classify(event.dataTransfer.files[0]);
    });
  }
  say("Ready.");
}

start().catch((error) => say(`The model cannot be loaded: ${error.message}`));
