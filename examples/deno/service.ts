/**
 * Classifies pictures over HTTP, in Deno.
 *
 *     deno run --allow-read --allow-net --allow-ffi --allow-env --allow-sys service.ts FOLDER [PORT]
 *
 * FOLDER is an export: config.json, preprocessor_config.json and onnx/model.onnx. `POST /classify` takes a picture (any of
 * image/*, at most 8 MiB) and answers `{"classes": [{"label", "probability"}, ...]}`; `GET /health` answers 200. Requests
 * that arrive together run as one batch. On SIGTERM and SIGINT the service answers the requests it has accepted, then ends.
 *
 * @module
 */
import * as ort from "onnxruntime-node";
import sharp from "sharp";

/** Greatest size of a picture in bytes, and in pixels once decoded: a small file can be a huge picture. */
const MOST_BYTES = 8 << 20, MOST_PIXELS = 50_000_000;
/** Pictures in a batch, and how long the first waits for others. */
const BATCH = 32, WAIT_MILLISECONDS = 5;
/** Pictures that may wait. More are refused, so the queue limits how late an answer is. */
const MOST_WAITING = 256;
const TIMEOUT_MILLISECONDS = 10_000;

const sharpFit = { crop: "cover", stretch: "fill", pad: "contain" } as const;

/** An answer with an error status: a mistake of the caller, or a service that is too busy. */
class HttpError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

interface Waiting {
  readonly pixels: Uint8Array;
  readonly resolve: (probabilities: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

/** A model and the pictures that wait for its next batch. */
class Classifier {
  readonly #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  private constructor(
    readonly session: ort.InferenceSession,
    readonly labels: readonly string[],
    readonly size: number,
    readonly preprocessing: { fit: keyof typeof sharpFit; image_mean: number[]; image_std: number[] },
  ) {}

  static async load(folder: string): Promise<Classifier> {
    const json = async (name: string) => JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
    const { id2label, image_size } = await json("config.json");
    const session = await ort.InferenceSession.create(`${folder}/onnx/model.onnx`);
    return new Classifier(session, Object.values(id2label), image_size, await json("preprocessor_config.json"));
  }

  /** @throws {HttpError} if the bytes are no picture, or too many wait */
  async classify(picture: Uint8Array): Promise<{ label: string; probability: number }[]> {
    if (this.#waiting.length >= MOST_WAITING) throw new HttpError(503, "too many pictures wait, try again later");
    const pixels = await this.#decode(picture);
    const { promise, resolve, reject } = Promise.withResolvers<Float32Array>();
    this.#waiting.push({ pixels, resolve, reject });
    this.#schedule();
    const probabilities = await promise;
    return this.labels.map((label, at) => ({ label, probability: probabilities[at]! }))
      .toSorted((a, b) => b.probability - a.probability);
  }

  async #decode(picture: Uint8Array): Promise<Uint8Array> {
    const { size, preprocessing: { fit } } = this;
    try {
      const image = sharp(picture, { limitInputPixels: MOST_PIXELS }), { space, hasProfile } = await image.metadata();
      // sharp leaves a picture of 16 bits with a colour profile in P3, unless the profile of the result is given.
      if (space === "rgb16" && hasProfile) image.withIccProfile("srgb");
      return await image.autoOrient().flatten({ background: "white" })
        .toColourspace("srgb")
        .resize(size, size, { fit: sharpFit[fit], background: "black" })
        .raw({ depth: "uchar" }).toBuffer();
    } catch (error) {
      throw new HttpError(415, `the body is no picture that can be decoded: ${(error as Error).message}`);
    }
  }

  #schedule(): void {
    if (this.#running) return;
    if (this.#waiting.length >= BATCH) this.#run();
    else this.#timer ??= setTimeout(() => this.#run(), WAIT_MILLISECONDS);
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting.splice(0, BATCH);
    this.#running = true;
    try {
      const { probabilities } = await this.session.run({ pixel_values: this.#tensor(batch) }, ["probabilities"]);
      const data = probabilities!.data as Float32Array, classes = this.labels.length;
      batch.forEach(({ resolve }, at) => resolve(data.slice(at * classes, (at + 1) * classes)));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#running = false;
      if (this.#waiting.length > 0) this.#schedule();
    }
  }

  #tensor(batch: readonly Waiting[]): ort.Tensor {
    const { size, preprocessing: { image_mean: mean, image_std: std } } = this;
    const length = size * size * 3, count = batch.length;
    const bytes = new Uint8Array(count * length);
    batch.forEach(({ pixels }, at) => bytes.set(pixels, at * length));
    const numbers = new Float32Array(bytes.length);
    for (let at = 0; at < bytes.length; at++) {
      const channel = at % 3, image = Math.floor(at / length), pixel = Math.floor(at % length / 3);
      numbers[image * length + channel * size * size + pixel] = (bytes[at]! / 255 - mean[channel]!) / std[channel]!;
    }
    return new ort.Tensor("float32", numbers, [count, 3, size, size]);
  }
}

/** Reads the body of a request, up to the greatest size. */
async function bodyOf(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > MOST_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    if ((length += chunk.length) > MOST_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

const tooLarge = () => new HttpError(413, `a picture has at most ${MOST_BYTES} bytes`);

async function answer(classifier: Classifier, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/health") return Response.json({ ok: true });
  if (pathname !== "/classify") throw new HttpError(404, "there are POST /classify and GET /health");
  if (request.method !== "POST") throw new HttpError(405, "a picture is sent with POST");
  const type = request.headers.get("content-type") ?? "";
  if (!type.startsWith("image/")) throw new HttpError(415, `the content-type is "${type}", not image/...`);
  return Response.json({ classes: await classifier.classify(await bodyOf(request)) });
}

/** Returns the answer, or fails when it takes too long. */
async function inTime(response: Promise<Response>): Promise<Response> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HttpError(504, "the picture took too long")), TIMEOUT_MILLISECONDS);
  });
  return await Promise.race([response, late]).finally(() => clearTimeout(timer));
}

/** Serves a folder's model until the server is shut down. */
export async function serve(folder: string, port: number): Promise<Deno.HttpServer<Deno.NetAddr>> {
  const classifier = await Classifier.load(folder);
  return Deno.serve({
    port,
    hostname: "127.0.0.1",
    onListen: ({ hostname, port }) => console.log(`classifying at http://${hostname}:${port}/classify`),
  }, async (request) => {
    try {
      return await inTime(answer(classifier, request));
    } catch (error) {
      if (error instanceof HttpError) return Response.json({ error: error.message }, { status: error.status });
      console.error(error);
      return Response.json({ error: "the service failed" }, { status: 500 });
    }
  });
}

if (import.meta.main) {
  const [folder, port = "8000"] = Deno.args;
  if (!folder) {
    console.error("usage: service.ts FOLDER [PORT]");
    Deno.exit(2);
  }
  const server = await serve(folder, Number(port));
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => server.shutdown());
  await server.finished;
  Deno.exit(0);
}
