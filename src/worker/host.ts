/** Whoever starts workers in the place of programs that call `serve`: the command line, when it loads such a program. */

/** What a program wants to serve. */
export interface Wanted {
  readonly sources: ReadonlyArray<unknown>
  readonly options: object
}

/** Takes over. Resolves when the worker has ended, so that what stands behind `serve` happens then. */
export type Host = (wanted: Wanted) => Promise<void>

/** Found by its name: the program may have another copy of the package. */
const place: unique symbol = Symbol.for("arpeggio.host") as never

const holder = globalThis as { [place]?: Host | undefined }

export const presentHost = (): Host | undefined => holder[place]

/** From now on, until it is `undefined`. */
export const setHost = (host: Host | undefined): void => {
  holder[place] = host
}
