/**
 * The memory of the example service before, at and after the peak of a load (Linux):
 *
 *     deno run -A bench/service_memory.ts FOLDER
 *
 * FOLDER is an export for Hugging Face. Four loads: 10,000 pictures, 1,000 at once, of which every tenth arrives slowly and
 * every hundredth stops halfway; 300 pictures of 7.8 MB at once; and eight at once of the small files that take most memory.
 *
 * @module
 */
import sharp, { type Sharp } from "sharp";
import { startService } from "./service_process.ts";

const WAIT = 2_000;

/** A client that sends its request at once, one that waits halfway, and one that stays halfway until it is cut off. */
type Pace = "whole" | "slow" | "halfway";

/** Sends a request; returns the status of the answer, which may come before everything is sent, or "cut off". */
async function send(port: number, request: Uint8Array<ArrayBuffer>, pace: Pace): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const sent = write(connection, request, pace).catch(() => {});
  const answer = new Uint8Array(1024);
  const length = await connection.read(answer).catch(() => null);
  connection.close();
  await sent;
  return /^HTTP\/1.1 (\d+)/.exec(new TextDecoder().decode(answer.subarray(0, length ?? 0)))?.[1] ?? "cut off";
}

async function write(connection: Deno.Conn, bytes: Uint8Array, pace: Pace): Promise<void> {
  const half = bytes.length >> 1;
  for (let at = 0; at < half;) at += await connection.write(bytes.subarray(at, half));
  if (pace === "halfway") return;
  if (pace === "slow") await new Promise((resolve) => setTimeout(resolve, WAIT));
  for (let at = half; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

interface Load {
  readonly requests: number;
  readonly atOnce: number;
  readonly request: Uint8Array<ArrayBuffer>;
  readonly pace: (request: number) => Pace;
}

async function run(port: number, { requests, atOnce, request, pace }: Load): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  let next = 0;
  const client = async () => {
    while (next < requests) {
      const status = await send(port, request, pace(next++));
      answers[status] = (answers[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return answers;
}

/** A request to classify a picture. */
async function requestOf(type: string, picture: Sharp): Promise<Uint8Array<ArrayBuffer>> {
  const body = await picture.toBuffer() as Uint8Array<ArrayBuffer>;
  const head = `POST /classify HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: image/${type}\r\n` +
    `connection: close\r\ncontent-length: ${body.length}\r\n\r\n`;
  return new Uint8Array(await new Blob([head, body]).arrayBuffer());
}

/** A picture of noise, which does not shrink. */
function noise(side: number): Sharp {
  const pixels = new Uint8Array(side * side * 3);
  for (let at = 0; at < pixels.length; at += 65_536) crypto.getRandomValues(pixels.subarray(at, at + 65_536));
  const raw = { width: side, height: side, channels: 3 } as const;
  return sharp(pixels, { raw }).png({ compressionLevel: 1 });
}

/** A picture of one colour: a small file. */
const flat = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: "#468" } });

const small = await requestOf("png", noise(64));

const pace = (request: number): Pace => request % 100 === 0 ? "halfway" : request % 10 === 0 ? "slow" : "whole";

if (import.meta.main) {
  const [folder, service] = Deno.args;
  const whole = (requests: number, request: Uint8Array<ArrayBuffer>): Load => ({
    ...{ requests, atOnce: requests, request },
    pace: () => "whole",
  });
  const deep = flat(6_000, 4_000).toColourspace("rgb16").png({ progressive: true, compressionLevel: 9 });
  const loads: Record<string, Load> = {
    "10,000 pictures of 12 kB, 1,000 at once": { requests: 10_000, atOnce: 1_000, request: small, pace },
    "300 pictures of 7.8 MB at once": whole(300, await requestOf("png", noise(1_610))),
    "8 PNGs of 24 megapixels, 16 bits, interlaced, at once": whole(8, await requestOf("png", deep)),
    "8 AVIFs of 12.5 megapixels at once": whole(8, await requestOf("avif", flat(4_000, 3_125).avif({ effort: 0 }))),
  };
  for (const [name, load] of Object.entries(loads)) {
    await using process = await startService(folder!, service);
    const port = Number(new URL(process.url).port);
    await send(port, small, "whole");
    const before = await process.memory("VmRSS"), begin = performance.now();
    const answers = await run(port, load);
    const seconds = (performance.now() - begin) / 1000;
    const peak = await process.memory("VmHWM");
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const after = await process.memory("VmRSS");
    const sizes = [before, peak, after].map((size) => size.toFixed(0));
    console.log(`${name}: ${seconds.toFixed(0)} s, answers ${JSON.stringify(answers)}`);
    console.log(`  MB before, at and after the peak: ${sizes.join(", ")}`);
  }
}
