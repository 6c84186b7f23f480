import assert from "#assert";
import { programVersion } from "../../../pipeline/run/program_version.ts";

Deno.test("two processes of the same program have the same version, 64 bits in hexadecimal", async () => {
  const version = await programVersion();
  assert.match(version, /^[0-9a-f]{16}$/);
  assert.equal(await programVersion(), version);
});
