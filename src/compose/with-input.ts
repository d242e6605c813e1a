/** Marks a fallback that is given the error together with the input of what failed. */

/** Where the fallback stands. One for all copies of the library. */
export const fallbackOf: unique symbol = Symbol.for("arpeggio/fallback")

/** Stands in `recover`, and is no workflow anywhere else. */
export interface WithInput<out W> {
  readonly [fallbackOf]: W
}

export const isWithInput = (value: unknown): value is WithInput<unknown> =>
  typeof value === "object" && value !== null && fallbackOf in value
