import assert from "#assert";
import sharp from "sharp";
import { inWords } from "../../data/undecodable.ts";

/** Says why bytes cannot be decoded. */
const whyNot = async (bytes: Uint8Array): Promise<string> => {
  const decode = async () => await sharp(bytes).raw().toBuffer().then(() => assert.fail("it was decoded"));
  const error = await decode().catch((error) => error);
  return inWords(error);
};

Deno.test("files that are cut off say so in one line, in every format", async () => {
  const pixels = Uint8Array.from({ length: 3600 }, (_, at) => (at * 7919) % 251);
  for (const format of ["png", "jpeg", "webp", "gif", "avif"] as const) {
    const bytes = await sharp(pixels, { raw: { width: 40, height: 30, channels: 3 } }).toFormat(format).toBuffer();
    assert.match(await whyNot(bytes.subarray(0, bytes.length >> 1)), /^it is cut off or damaged(: .+)?$/, format);
  }
});

Deno.test("files of other kinds, and empty ones, are named as what they are", async () => {
  assert.equal(
    await whyNot(new TextEncoder().encode("a text")),
    "it is no picture, or of a format that cannot be read here",
  );
  assert.equal(await whyNot(new Uint8Array()), "the file is empty");
});
