/** Numbers and tables as Markdown. */
import type { Spread } from "./statistics.ts"

export const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  cells: "numbers" | "text" = "numbers"
): string => {
  const line = (row: ReadonlyArray<string>): string => `| ${row.join(" | ")} |`
  const rule = head.map((_, at) => (at === 0 || cells === "text" ? "---" : "---:"))
  return [line(head), line(rule), ...rows.map(line)].join("\n")
}

/** Thousands apart; small numbers with three digits that say something. */
export const plain = (value: number): string => {
  const size = Math.abs(value)
  if (size >= 1_000) return Math.round(value).toLocaleString("en-US")
  if (size >= 100) return value.toFixed(0)
  if (size >= 10) return value.toFixed(1)
  return size >= 1 || value === 0 ? value.toFixed(2) : value.toFixed(3)
}

/** `1.30 (1.21…1.42)`; without the brackets when there was one round. */
export const spread = (found: Spread | undefined): string => {
  if (found === undefined) return "–"
  const { median, least, most } = found
  if (least === most) return plain(median)
  return `${plain(median)} (${plain(least)}…${plain(most)})`
}
