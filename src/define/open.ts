/** Stands in the place of an argument that arrives, where that is not the first. */

const openMark: unique symbol = Symbol.for("arpeggio/open") as never

/** What `open` is. */
export interface Open {
  readonly [openMark]: true
}

/**
 * The argument that what comes before gives, in a call of `task.partial`.
 *
 * @example
 * const answer = await app.run(chain(add(4, 2), divide.partial(42, open))) // 7
 */
export const open: Open = Object.freeze({ [openMark]: true }) as never

export const isOpen = (value: unknown): value is Open =>
  typeof value === "object" && value !== null && openMark in value

type IsOpen<A> = 0 extends 1 & A ? false : [A] extends [Open] ? true : false

/** What can be given for each parameter. */
export type OpenOr<Parameters extends ReadonlyArray<unknown>> = {
  readonly [K in keyof Parameters]: Parameters[K] | Open
}

/** The places that are left open, as the keys of a tuple. */
type Places<Given extends ReadonlyArray<unknown>> = {
  [K in keyof Given]: IsOpen<Given[K]> extends true ? K : never
}[number]

/** Every argument as it is, or the sentence that says why it cannot be open, or given. */
export type OneOpen<Name extends string, Given extends ReadonlyArray<unknown>> = OneAt<
  Name,
  Given,
  Places<Given>
>

type OneAt<Name extends string, Given extends ReadonlyArray<unknown>, At> = {
  readonly [K in keyof Given]: [At] extends [never]
    ? // What may be open is what the compiler says of an argument that does not fit.
      [Open] extends [Given[K]]
      ? Given[K]
      : NothingOpen<Name>
    : IsOpen<Given[K]> extends true
      ? K extends "0"
        ? FirstOpen<Name>
        : true extends IsUnion<At>
          ? SeveralOpen<Name>
          : Given[K]
      : Given[K]
}

type IsUnion<A, All = A> = A extends unknown ? ([All] extends [A] ? false : true) : never

type NothingOpen<Name extends string> =
  `${Name}.partial leaves no argument open: write open in the place of what arrives, or ${Name}(…) for a call with all of them`
type FirstOpen<Name extends string> =
  `${Name}.partial leaves the first argument open, which ${Name}(…) with the others does: leave partial out`
type SeveralOpen<Name extends string> =
  `${Name}.partial leaves several arguments open, and one arrives: give the others`

/** What arrives at the place that is left open. */
export type Arriving<
  Parameters extends ReadonlyArray<unknown>,
  Given extends ReadonlyArray<unknown>
> = Parameters[Places<Given> & keyof Parameters]

/** Why these arguments are not all but one, which is not the first; or which that is. */
export const openIn = (name: string, given: ReadonlyArray<unknown>): string | number => {
  const places = given.flatMap((value, at) => (isOpen(value) ? [at] : []))
  const [at, another] = places
  if (at === undefined) {
    return `${name}.partial leaves no argument open: write open in the place of what arrives, or ${name}(…) for a call with all of them`
  }
  if (another !== undefined) {
    return `${name}.partial leaves several arguments open, and one arrives: give the others`
  }
  return at === 0
    ? `${name}.partial leaves the first argument open, which ${name}(…) with the others does: leave partial out`
    : at
}
