import assert from "#assert";
import { maskedCrc32c } from "../../../pipeline/tensorboard/crc32c.ts";
import { encodeEvent, record } from "../../../pipeline/tensorboard/event_file.ts";

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

// As TensorBoard's own record writer writes it.
Deno.test("a record is framed as TensorFlow frames it", () => {
  const event = encodeEvent(0, { version: "brain.Event:2" });
  assert.equal(event.length, 24);
  const framed = record(event);
  assert.equal(hex(framed.subarray(0, 12)), "18 00 00 00 00 00 00 00 a3 7f 4b 22");
  assert.equal(new DataView(framed.buffer).getUint32(36, true), maskedCrc32c(event));
});

Deno.test("events are the messages of event.proto and summary.proto", () => {
  assert.equal(hex(encodeEvent(1, {})), "09 00 00 00 00 00 00 f0 3f");
  assert.equal(hex(encodeEvent(0, { step: 300 }).subarray(9)), "10 ac 02");
  assert.equal(hex(encodeEvent(0, { restart: true }).subarray(9)), "3a 02 08 01");
  // summary { value { tag: "a" simple_value: 1 } }
  assert.equal(hex(encodeEvent(0, { scalars: { a: 1 } }).subarray(9)), "2a 0a 0a 08 0a 01 61 15 00 00 80 3f");
  // summary { value { tag: "a" tensor { dtype: DT_STRING string_val: "b" } metadata { plugin_data { plugin_name: "text" } } } }
  assert.equal(
    hex(encodeEvent(0, { texts: { a: "b" } }).subarray(9)),
    "2a 16 0a 14 0a 01 61 42 05 08 07 42 01 62 4a 08 0a 06 0a 04 74 65 78 74",
  );
});
