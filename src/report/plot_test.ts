import assert from "node:assert/strict";
import { DOMParser, type Element } from "npm:@xmldom/xmldom@0.9.12";
import { type Curve, plot } from "./plot.ts";

const LABELS = { title: "a dog", x: "iteration", y: "variance" };
const RISING: Curve = { name: "raster", points: [[0, 0.12], [5, 0.4], [10, 0.55], [20, 0.7]] };
const FALLING: Curve = { name: "fourier", points: [[0, 0.6], [10, 0.31]] };

/** The diagram as a document; anything that is not XML is an error. */
async function draw(curves: readonly Curve[], labels = LABELS): Promise<Element> {
  const svg = await plot(curves, labels);
  const parser = new DOMParser({
    onError: (level, message) => {
      throw new Error(`${level}: ${message}`);
    },
  });
  const root = parser.parseFromString(svg, "image/svg+xml").documentElement;
  assert(root);
  assert.equal(root.namespaceURI, "http://www.w3.org/2000/svg");
  return root;
}

const all = (root: Element, name: string): Element[] => [...root.getElementsByTagName(name)];
const classed = (root: Element, name: string): Element[] =>
  all(root, "g").filter((group) => group.getAttribute("class") === name);
const number = (element: Element, name: string) => Number(element.getAttribute(name));
const texts = (root: Element) => all(root, "text").map(({ textContent }) => textContent);

/** The labels along an axis, without its title. */
const ticks = (root: Element, axis: "x" | "y") => texts(classed(root, axis)[0]).slice(0, -1);
/** The corners of each unbroken stretch of a curve's line. */
const stretches = (curve: Element) => {
  const lines = all(curve, "path");
  assert.equal(lines.length, 1);
  return lines[0].getAttribute("d")!.split("M").slice(1).map((run) =>
    run.split("L").map((corner) => corner.split(",").map(Number))
  );
};

Deno.test("a curve is one line through all its points, with a dot on each", async () => {
  const root = await draw([RISING, FALLING]);
  const curves = classed(root, "curve");
  assert.deepEqual(curves.map((curve) => stretches(curve).map(({ length }) => length)), [[4], [2]]);
  for (const curve of curves) {
    const dots = all(curve, "circle").map((dot) => [number(dot, "cx"), number(dot, "cy")]);
    assert.deepEqual(dots, stretches(curve).flat());
  }
});

Deno.test("points stand where the axes say, and inside the diagram", async () => {
  const root = await draw([RISING, FALLING]);
  const place = (axis: "x" | "y") => {
    const labels = all(classed(root, axis)[0], "text").slice(0, -1);
    const [first, last] = [labels[0], labels.at(-1)!];
    const [from, to] = [first, last].map(({ textContent }) => Number(textContent));
    return (value: number) =>
      number(first, axis) +
      (value - from) / (to - from) * (number(last, axis) - number(first, axis));
  };
  const [toX, toY] = [place("x"), place("y")];
  for (const [c, { points }] of [RISING, FALLING].entries()) {
    const [corners] = stretches(classed(root, "curve")[c]);
    for (const [p, [x, y]] of points.entries()) {
      assert(Math.abs(corners[p][0] - toX(x)) < 0.02, `x of point ${p}`);
      assert(Math.abs(corners[p][1] - toY(y)) < 0.02, `y of point ${p}`);
      assert(corners[p][0] >= 0 && corners[p][0] <= number(root, "width"));
      assert(corners[p][1] >= 0 && corners[p][1] <= number(root, "height"));
    }
  }
});

Deno.test("ticks are round numbers, equally far apart; y begins at 0", async () => {
  const root = await draw([RISING]);
  assert.deepEqual(ticks(root, "x"), ["0", "5", "10", "15", "20"]);
  assert.deepEqual(
    ticks(root, "y"),
    ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7"],
  );
  const lambdas = await draw([{ name: "", points: [[0, 3], [0.025, 17], [0.2, 941]] }]);
  assert.deepEqual(ticks(lambdas, "x"), ["0.00", "0.05", "0.10", "0.15", "0.20"]);
  assert.deepEqual(ticks(lambdas, "y"), ["0", "200", "400", "600", "800", "1000"]);
  const tiny = await draw([{ name: "", points: [[0, 0], [1, 1e-8]] }]);
  assert.deepEqual(ticks(tiny, "y"), ["0", "2e-9", "4e-9", "6e-9", "8e-9", "1e-8"]);
  const below = await draw([{ name: "", points: [[0, -2], [1, -7]] }]);
  assert.deepEqual(ticks(below, "y"), ["-7", "-6", "-5", "-4", "-3", "-2", "-1", "0"]);
});

Deno.test("the legend names the curves in their colours; one curve needs none", async () => {
  assert.deepEqual(classed(await draw([RISING]), "legend"), []);
  const root = await draw([RISING, FALLING]);
  const entries = classed(root, "legend");
  assert.deepEqual(entries.flatMap(texts), ["raster", "fourier"]);
  const strokes = (groups: Element[]) =>
    groups.map((group) => all(group, "path")[0].getAttribute("stroke"));
  assert.deepEqual(strokes(entries), strokes(classed(root, "curve")));
  assert.equal(new Set(strokes(entries)).size, 2);
});

for (
  const [what, points, length, xTicks, yTicks] of [
    ["one point", [[4, 0.5]], 1, ["3.4", "4.6"], ["0.0", "0.5"]],
    ["the same value everywhere", [[0, 3], [10, 3]], 2, ["0", "10"], ["0.0", "3.0"]],
    ["zero everywhere", [[0, 0], [0, 0]], 2, ["0.0", "1.0"], ["0.0", "1.0"]],
  ] as const
) {
  Deno.test(`a curve of ${what} is drawn`, async () => {
    const root = await draw([{ name: "", points }]);
    assert.deepEqual(stretches(classed(root, "curve")[0]).map((run) => run.length), [length]);
    for (const [axis, ends] of [["x", xTicks], ["y", yTicks]] as const) {
      const labels = ticks(root, axis);
      assert.deepEqual([labels[0], labels.at(-1)], ends);
    }
  });
}

Deno.test("a point that is not finite breaks the line, and decides no axis", async () => {
  const points = [[0, 1], [1, 2], [2, NaN], [3, Infinity], [4, 4], [-Infinity, 1]] as const;
  const root = await draw([{ name: "", points }, { name: "nothing", points: [[9, NaN]] }]);
  const [broken, nothing] = classed(root, "curve");
  assert.deepEqual(stretches(broken).map(({ length }) => length), [2, 1]);
  assert.equal(all(broken, "circle").length, 3);
  assert.deepEqual(stretches(nothing), []);
  assert.deepEqual([ticks(root, "x").at(-1), ticks(root, "y").at(-1)], ["4.0", "4.0"]);
});

Deno.test("curves without a point leave a diagram without a line", async () => {
  const root = await draw([{ name: "", points: [] }]);
  assert.deepEqual(ticks(root, "x"), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
});

Deno.test("labels are text, whatever is in them; a title too long is cut, and kept in full", async () => {
  const title = `<b>"cats" & 'dogs'</b> ]]> \u0000\uD800 ${"long ".repeat(40)}`;
  const root = await draw([RISING, { ...FALLING, name: "λ < 3 & λ > 1" }], {
    title,
    x: "<x>",
    y: "y & z",
  });
  const shown = texts(root);
  const readable = title.replace("\u0000\uD800", "  ");
  assert.equal(all(root, "title")[0].textContent, readable);
  assert.equal(shown[0], readable.slice(0, 63) + "…");
  for (const label of ["<x>", "y & z", "λ < 3 & λ > 1"]) assert(shown.includes(label), label);
});
