/** A curve of points (x, y). */
export interface Curve {
  /** Its entry in the legend. */
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** What the axes mean. */
export interface Axes {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

/**
 * Curves in one diagram, as SVG; the legend is left out where there is but one.
 *
 * @example
 * ```ts
 * import { plot } from "./plot.ts";
 *
 * const curve = { name: "raster", points: [[0, 0.1], [5, 0.2]] } as const;
 * const svg = await plot([curve], { title: "a dog", x: "iteration", y: "variance" });
 * console.assert(svg.startsWith("<svg") && svg.includes("iteration"));
 * ```
 */
export async function plot(curves: readonly Curve[], { title, x, y }: Axes): Promise<string> {
  const { compile } = await import("npm:vega-lite@6.4.1");
  const { parse, View } = await import("npm:vega@6.2.0");
  const values = curves.flatMap(({ name, points }) =>
    points.map(([x, y], order) => ({ name, x, y, order }))
  );
  const { spec } = compile({
    title,
    width: 480,
    height: 300,
    padding: 10,
    background: "white",
    data: { values },
    mark: { type: "line", point: true },
    encoding: {
      x: { field: "x", type: "quantitative", title: x },
      y: { field: "y", type: "quantitative", title: y, scale: { domainMin: 0 } },
      order: { field: "order" },
      color: curves.length > 1
        ? { field: "name", type: "nominal", title: null, sort: null }
        : { value: "#4c78a8" },
    },
  });
  return await new View(parse(spec), { renderer: "none" }).toSVG();
}
