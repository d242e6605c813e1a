/** Values that are usually there at once: waiting for one that is costs more than the work on it. */

/** A value, or the promise of one. */
export type Soon<A> = A | Promise<A>

/** Goes on with the value: now when it is there, else when it is. */
export const onceThere = <A, B>(value: Soon<A>, use: (value: A) => Soon<B>): Soon<B> =>
  value instanceof Promise ? value.then(use) : use(value)
