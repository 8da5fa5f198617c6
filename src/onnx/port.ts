/** An input or output of a graph, as the graph or a session of it describes it. */
export interface Port {
  /** Its name in the graph. */
  readonly name: string;
  /** Type of the elements, e.g. `float32`. */
  readonly dtype: string;
  /** Sizes of the axes; a free dimension is a string. */
  readonly shape: readonly (number | string)[];
}
