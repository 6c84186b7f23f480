import assert from "#assert";
import { crc32c } from "../../../pipeline/tensorboard/crc32c.ts";

Deno.test("CRC-32C of the examples of RFC 3720, appendix B.4, and of the digits", () => {
  const sequence = Uint8Array.from({ length: 32 }, (_, at) => at);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(sequence), 0x46dd794e);
  assert.equal(crc32c(sequence.toReversed()), 0x113fdb5c);
  assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
});
