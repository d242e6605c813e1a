/** Marks a fallback or a cleanup that is given how something ended together with what that was given. */

/** Where the fallback stands. One for all copies of the library. */
export const fallbackOf: unique symbol = Symbol.for("arpeggio/fallback")

/** Stands in `recover`, `ifFailed` or `always`, and is no workflow anywhere else. */
export interface WithInput<out W> {
  readonly [fallbackOf]: W
}

export const isWithInput = (value: unknown): value is WithInput<unknown> =>
  typeof value === "object" && value !== null && fallbackOf in value
