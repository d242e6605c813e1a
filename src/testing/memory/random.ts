/** A small seeded generator, so that an order chosen at random can be played again. */

/** A number from 0 up to, never reaching, 1. */
export type Random = () => number

/** Mulberry32: 32 bits of state are plenty for choosing orders. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
