/** A curve of points (x, y). */
export interface Curve {
  /** Name in the legend. */
  readonly name: string;
  /** The points in order. The line breaks at a point that is not finite. */
  readonly points: readonly Point[];
}

/** The labels of a diagram. */
export interface Axes {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

type Point = readonly [x: number, y: number];

/** One direction of the diagram: the values at its ends, and those at its ticks. */
interface Axis {
  readonly ends: readonly [from: number, to: number];
  readonly ticks: readonly number[];
}

/** Size of the area between the axes, in pixels. */
const WIDTH = 480;
const HEIGHT = 300;
/** Space around everything, and between an axis and its labels. */
const MARGIN = 14;
const GAP = 7;
/** Size of the labels, and about the largest width of a letter. */
const FONT_SIZE = 12;
const LETTER = 7;
/** Number of letters of a title that fit above the diagram. */
const TITLE_LETTERS = 64;
/** Approximate number of ticks of an axis. */
const TICKS = 6;
/** Okabe and Ito's colours, which colour-blind readers can tell apart, without the pale yellow. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/**
 * Draws curves in one diagram, as SVG on a white ground. The y axis begins at 0, or below if a curve
 * does. A single curve has no legend.
 */
export async function plot(curves: readonly Curve[], labels: Axes): Promise<string> {
  const lines = curves.map(({ points }) => unbroken(points));
  const points = lines.flat(2);
  const x = await axis(points.map(([x]) => x));
  const y = await axis([0, ...points.map(([, y]) => y)]);
  const yLabels = tickLabels(y.ticks);

  const left = MARGIN + FONT_SIZE + GAP + LETTER * longest(yLabels) + GAP;
  const top = MARGIN + 2 * FONT_SIZE + GAP;
  const names = curves.length > 1 ? curves.map(({ name }) => name) : [];
  const legend = names.length > 0 ? 2 * MARGIN + GAP + LETTER * longest(names) : 0;
  const width = left + WIDTH + MARGIN + legend + MARGIN;
  const height = top + HEIGHT + 2 * (GAP + FONT_SIZE) + GAP + MARGIN;
  const toX = (value: number) => round(left + WIDTH * fraction(value, x));
  const toY = (value: number) => round(top + HEIGHT * (1 - fraction(value, y)));

  const grid = [
    ...x.ticks.map((tick) => `M${toX(tick)},${top}V${top + HEIGHT}`),
    ...y.ticks.map((tick) => `M${left},${toY(tick)}H${left + WIDTH}`),
  ];
  const middleX = left + WIDTH / 2;
  const middleY = top + HEIGHT / 2;
  return element("svg", {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
    "font-family": "sans-serif",
    "font-size": FONT_SIZE,
    fill: "#222",
  }, [
    element("title", {}, [text(labels.title)]),
    element("rect", { width: "100%", height: "100%", fill: "#fff" }),
    element("text", {
      x: middleX,
      y: MARGIN + FONT_SIZE,
      "font-size": FONT_SIZE + 2,
      "font-weight": "bold",
      "text-anchor": "middle",
    }, [text(shortened(labels.title))]),
    element("g", { fill: "none", stroke: "#ddd" }, [element("path", { d: grid.join("") })]),
    element("g", { fill: "none", stroke: "#666" }, [
      element("path", { d: `M${left},${top}V${top + HEIGHT}H${left + WIDTH}` }),
    ]),
    element("g", { class: "x", "text-anchor": "middle" }, [
      ...tickLabels(x.ticks).map((label, t) =>
        element("text", { x: toX(x.ticks[t]), y: top + HEIGHT + GAP + FONT_SIZE }, [text(label)])
      ),
      element("text", { x: middleX, y: height - MARGIN, "font-weight": "bold" }, [text(labels.x)]),
    ]),
    element("g", { class: "y", "text-anchor": "end" }, [
      ...yLabels.map((label, t) =>
        element("text", { x: left - GAP, y: toY(y.ticks[t]), dy: "0.35em" }, [text(label)])
      ),
      element("text", {
        transform: `translate(${MARGIN + FONT_SIZE},${middleY})rotate(-90)`,
        "font-weight": "bold",
        "text-anchor": "middle",
      }, [text(labels.y)]),
    ]),
    ...lines.map((runs, c) => {
      const d = runs.map((run) => "M" + run.map(([x, y]) => `${toX(x)},${toY(y)}`).join("L"));
      const dots = runs.flat().map(([x, y]) => element("circle", { cx: toX(x), cy: toY(y), r: 3 }));
      return element("g", { class: "curve", fill: colour(c) }, [
        element("title", {}, [text(curves[c].name)]),
        element("path", {
          d: d.join(""),
          fill: "none",
          stroke: colour(c),
          "stroke-width": 2,
          "stroke-linejoin": "round",
        }),
        ...dots,
      ]);
    }),
    ...names.map((name, c) =>
      element("g", {
        class: "legend",
        transform: `translate(${left + WIDTH + 2 * MARGIN},${top + 2 * GAP + 20 * c})`,
      }, [
        element("path", { d: `M0,0h${MARGIN}`, stroke: colour(c), "stroke-width": 2 }),
        element("circle", { cx: MARGIN / 2, cy: 0, r: 3, fill: colour(c) }),
        element("text", { x: MARGIN + GAP, dy: "0.35em" }, [text(name)]),
      ])
    ),
  ]);
}

/** The stretches of a curve whose points are finite. */
function unbroken(points: readonly Point[]): Point[][] {
  const runs: Point[][] = [[]];
  for (const point of points) {
    if (point.every(Number.isFinite)) runs.at(-1)!.push(point);
    else if (runs.at(-1)!.length > 0) runs.push([]);
  }
  return runs.filter(({ length }) => length > 0);
}

/** An axis between round numbers that holds all values; it is 1 long if all values are equal. */
async function axis(values: readonly number[]): Promise<Axis> {
  const { extent, nice, ticks }: typeof import("npm:@types/d3-array@3.2.2") = await import(
    "npm:d3-array@3.2.5"
  );
  const [from = 0, to = 1] = extent(values);
  const [low, high] = from < to ? [from, to] : from === 0 ? [0, 1] : [from - 0.5, from + 0.5];
  const ends = nice(low, high, TICKS);
  return { ends, ticks: ticks(...ends, TICKS) };
}

function fraction(value: number, { ends: [from, to] }: Axis): number {
  return (value - from) / (to - from);
}

/** Labels of ticks, all with the same number of decimals; very small numbers have an exponent. */
function tickLabels(ticks: readonly number[]): string[] {
  const step = ticks[1] - ticks[0];
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return ticks.map((tick) => decimals > 6 ? String(tick) : tick.toFixed(decimals));
}

function colour(curve: number): string {
  return COLOURS[curve % COLOURS.length];
}

function longest(texts: readonly string[]): number {
  return Math.max(...texts.map(({ length }) => length));
}

function shortened(title: string): string {
  const letters = [...title];
  return letters.length <= TITLE_LETTERS
    ? title
    : letters.slice(0, TITLE_LETTERS - 1).join("") + "…";
}

/** Rounds to a hundredth of a pixel. */
function round(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}

/** An SVG element, whose attributes need no escaping and whose content is escaped already. */
function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: readonly string[] = [],
): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`).join("");
  return content.length > 0
    ? `<${name}${written}>${content.join("")}</${name}>`
    : `<${name}${written}/>`;
}

/** Text as XML: markup is escaped, and spaces replace the characters that XML forbids. */
function text(content: string): string {
  return content
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
