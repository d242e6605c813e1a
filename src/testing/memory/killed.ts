/** Whether the process of a broker in memory was killed: then nothing comes that it still waits for. */
import type { Broker } from "../../broker/broker.ts"

/** Where a broker in memory has it; a symbol, so that whoever copies the broker copies this, too. */
export const whenKilled: unique symbol = Symbol("whenKilled")

/** Calls back once that process is killed, at once if it was. What is given back takes it back. */
export type WhenKilled = (callback: () => void) => () => void

/** Calls back once the process of this broker is killed; a process with another kind of broker does not outlive that. */
export const onceKilled = (broker: Broker, callback: () => void): (() => void) =>
  (broker as { readonly [whenKilled]?: WhenKilled })[whenKilled]?.(callback) ?? (() => {})

/** One process's death, and those who are told of it. */
export const death = (): { readonly when: WhenKilled; comes(): void } => {
  const told = new Set<() => void>()
  let dead = false
  return {
    when: (callback) => {
      if (dead) callback()
      else told.add(callback)
      return () => void told.delete(callback)
    },
    comes: () => {
      dead = true
      for (const callback of told) callback()
      told.clear()
    }
  }
}
