import assert from "#assert";
import { withSubstitutes } from "../../../onnx/layers/substitute.ts";

Deno.test("properties have their other values during the call only, own and inherited ones, after an error too", () => {
  class Base {
    own = 1;
    inherited() {
      return 2;
    }
  }
  const object = new Base();
  const substitutes = [{ object, key: "own", value: 3 }, { object, key: "inherited", value: () => 4 }];
  assert.deepEqual(withSubstitutes(substitutes, () => [object.own, object.inherited()]), [3, 4]);
  assert.throws(() =>
    withSubstitutes(substitutes, () => {
      object.own = 5;
      throw new Error("stop");
    })
  );
  assert.deepEqual([object.own, object.inherited()], [1, 2]);
  assert.deepEqual(Object.keys(object), ["own"]);
});

Deno.test("a property that is substituted twice gets its first value back", () => {
  const object = { x: 1 };
  withSubstitutes([{ object, key: "x", value: 2 }, { object, key: "x", value: 3 }], () => assert.equal(object.x, 3));
  assert.equal(object.x, 1);
});
