import assert from "#assert";

const json = async (path: string) => JSON.parse(await Deno.readTextFile(path));

Deno.test("the container has the versions of packages that are tested here, pinned", async () => {
  const { imports } = await json("examples/deno/container/deno.json");
  const { imports: tested } = await json("deno.json");
  const { specifiers } = await json("examples/deno/container/deno.lock");
  for (const [name, version] of Object.entries<string>(imports)) {
    assert.equal(version, tested[name]);
    assert.ok(version in specifiers, version);
  }
});

Deno.test("the container copies files that exist, and all that the service imports", async () => {
  const folder = "examples/deno", lines = (await Deno.readTextFile(`${folder}/Containerfile`)).split("\n");
  const copied = lines.filter((line) => line.startsWith("COPY ")).flatMap((line) => line.split(" ").slice(1, -1));
  assert.deepEqual(copied, ["container/deno.json", "container/deno.lock", "*.ts"]);
  const { imports } = await json(`${folder}/container/deno.json`);
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".ts")) continue;
    const text = await Deno.readTextFile(`${folder}/${name}`);
    for (const [, module] of text.matchAll(/(?:from|import|new URL\() ?"([^"]+)"/g)) {
      const known = /^(node:|\.\/\w+\.ts$)/.test(module!) || module! in imports;
      assert.ok(known, `${name}: ${module}`);
    }
  }
});
