/** The few numbers that measurements are summed up by. */

/** The value below which this part of the others lies; 0.5 is the median. */
export const quantile = (values: ReadonlyArray<number>, part: number): number => {
  if (values.length === 0) return Number.NaN
  const sorted = values.toSorted((left, right) => left - right)
  const at = (sorted.length - 1) * part
  const low = sorted[Math.floor(at)]!
  const high = sorted[Math.ceil(at)]!
  return low + (high - low) * (at - Math.floor(at))
}

export const median = (values: ReadonlyArray<number>): number => quantile(values, 0.5)

/** The median of several rounds, and how far they lie apart. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

export const spreadOf = (values: ReadonlyArray<number>): Spread | undefined => {
  const sound = values.filter((value) => Number.isFinite(value))
  if (sound.length === 0) return undefined
  return { median: median(sound), least: Math.min(...sound), most: Math.max(...sound) }
}

/** What a value is to another, round by round: rounds of a shared machine differ more than systems in one round. */
export const ratios = (
  left: ReadonlyMap<number, number>,
  right: ReadonlyMap<number, number>
): ReadonlyArray<number> =>
  [...left].flatMap(([round, value]) => {
    const other = right.get(round)
    return other === undefined || other === 0 ? [] : [value / other]
  })

/** How far the value lies from the median that is farthest from it, as a part of the median. */
export const deviation = (values: ReadonlyArray<number>): number => {
  const middle = median(values)
  return Math.max(...values.map((value) => Math.abs(value - middle) / middle))
}
