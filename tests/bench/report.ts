// The figures: medians of interleaved rounds, each beside what the raw platform takes for the same job in the same run.

/** `raw` and `ratio` are null for a figure that has an absolute goal. */
export interface Result {
  workload: string
  figure: string
  ours: number
  raw: number | null
  ratio: number | null
}
interface Line extends Result {
  unit: string
  goal: string
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? NaN, sorted[sorted.length >> 1] ?? NaN]
  return (low + high) / 2
}

export function createReport() {
  const lines: Line[] = []
  return {
    /** A figure with a counterpart: `ours` and `raw` hold one value of each round. */
    compare(workload: string, figure: string, goal: string, ours: readonly number[], raw: readonly number[]): void {
      const [a, b] = [median(ours), median(raw)]
      lines.push({ workload, figure, goal, unit: 'ms', ours: a, raw: b, ratio: a / b })
    },
    /** A figure with an absolute goal. */
    absolute(workload: string, figure: string, goal: string, unit: string, values: readonly number[]): void {
      lines.push({ workload, figure, goal, unit, ours: median(values), raw: null, ratio: null })
    },
    results: (): Result[] =>
      lines.map(({ workload, figure, ours, raw, ratio }) => ({ workload, figure, ours, raw, ratio })),
    table(): string {
      const head = ['', 'figure', 'ours', 'raw', 'ratio', 'goal']
      const cells = lines.map(({ workload, figure, unit, ours, raw, ratio, goal }) => [
        workload,
        figure,
        `${shown(ours)} ${unit}`,
        raw === null ? '' : `${shown(raw)} ${unit}`,
        ratio === null ? '' : ratio.toFixed(2),
        goal,
      ])
      const widths = head.map((title, column) =>
        Math.max(title.length, ...cells.map((cell) => cell[column]?.length ?? 0)),
      )
      return [head, ...cells]
        .map((cell) =>
          cell
            .map((text, at) => (at >= 2 && at <= 4 ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0)))
            .join('  ')
            .trimEnd(),
        )
        .join('\n')
    },
  }
}
export type Report = ReturnType<typeof createReport>

const shown = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
