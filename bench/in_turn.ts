/** How to time jobs in turn. */
export interface InTurnOptions {
  /** Rounds that count. */
  readonly rounds: number;
  /** Calls of each job in a round; 1 unless given. */
  readonly each?: number;
  /** Whether a round before them does not count, because it compiles and fills caches. */
  readonly warmUp?: boolean;
  /** Waits for what a job has queued. */
  readonly wait?: () => Promise<void>;
}

/**
 * Median milliseconds per call of each job. The jobs of a round run one after the other, so that a
 * busy machine slows all alike, and a ratio of two of them holds.
 */
export async function inTurn<Name extends string>(
  jobs: Readonly<Record<Name, () => Promise<unknown>>>,
  { rounds, each = 1, warmUp = true, wait = () => Promise.resolve() }: InTurnOptions,
): Promise<Record<Name, number>> {
  const names = Object.keys(jobs) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    number[]
  >;
  for (let round = warmUp ? -1 : 0; round < rounds; round++) {
    for (const name of names) {
      await wait();
      const started = performance.now();
      for (let k = 0; k < each; k++) await jobs[name]();
      await wait();
      if (round >= 0) times[name].push((performance.now() - started) / each);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<
    Name,
    number
  >;
}

/** The middle one of some numbers, the larger of two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
