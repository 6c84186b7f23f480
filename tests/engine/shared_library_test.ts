import assert from "#assert";
import { loads, withLibrary } from "../../engine/shared_library.ts";

const ignore = Deno.build.os !== "linux";

Deno.test("a library that does not exist does not load", () => assert.equal(loads("libnowhere.so.1"), false));

Deno.test({ name: "a function of a library is called", ignore }, () => {
  assert.equal(loads("libc.so.6"), true);
  const functions = { abs: { parameters: ["i32"], result: "i32" } } as const;
  assert.equal(withLibrary("libc.so.6", functions, ({ abs }) => abs(-3)), 3);
});
