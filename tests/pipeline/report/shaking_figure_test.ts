import assert from "#assert";
import { drawShaking } from "../../../pipeline/report/shaking_figure.ts";

const spread = (mean: number) => ({ mean, least: mean - 1, greatest: mean + 1 });
const series = (mode: string, error: number) => ({
  mode,
  curve: [{ epoch: 1, ...spread(error + 20) }, { epoch: 2, ...spread(error) }],
  training: [{ epoch: 1, ...spread(30) }, { epoch: 2, ...spread(10) }],
  branches: [{ block: "stage1/block1", ...spread(0.5) }],
});

Deno.test("the figure has a line and a range for each mode in both panels, a bar in each block, and two themes", async () => {
  const svg = await drawShaking([series("even-even-batch", 20), series("shake-shake-image", 15)], {
    ...{ title: "T", subtitle: "S", judged: "test" },
  });
  for (const text of ["even-even-batch", "shake-shake-image", "stage1/block1", "test error, %", "training error, %"]) {
    assert.ok(svg.includes(text), text);
  }
  const paths = (colour: string, attribute: string) => svg.split(`${attribute}="${colour}"`).length - 1;
  for (const colour of ["#3b82f6", "#ea7a17"]) {
    assert.equal(paths(colour, "stroke"), 2 + 1, "two lines, and the symbol of the legend");
    assert.ok(paths(colour, "fill") >= 2 + 1, "two ranges and a bar");
  }
  assert.match(svg, /^<svg[^>]*><style>.*prefers-color-scheme:dark/);
});

Deno.test("both curves have one axis of epochs, though the first validation is later than the first epoch", async () => {
  const late = { ...series("even-even-batch", 20), curve: [{ epoch: 2, ...spread(20) }] };
  const svg = await drawShaking([late], { title: "T", subtitle: "S", judged: "test" });
  const axes = [...svg.matchAll(/role-axis-label".*?<\/g>/gs)].map(([group]) =>
    [...group.matchAll(/>([\d.]+)<\/text>/g)].map(([, label]) => label).join(" ")
  );
  assert.equal(axes.filter((labels) => labels === "0 1 2").length, 2, axes.join("; "));
});
