/** Keeps what listeners of a step's signal throw from the process, which Node would end for it together with all that runs in it. */
import { setMaxListeners } from "node:events"

/** What a listener has thrown. */
export type Complain = (thrown: unknown) => void

type Add = EventTarget["addEventListener"]
type Remove = EventTarget["removeEventListener"]
type Listener = Parameters<Add>[1]

const call = (listener: Listener, signal: AbortSignal, event: Event): unknown =>
  typeof listener === "function" ? listener.call(signal, event) : listener.handleEvent(event)

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"

const canHear = (listener: unknown): boolean =>
  typeof listener === "function" || (typeof listener === "object" && listener !== null)

/**
 * The same signal. A handler may let any number of things listen to it, each of its requests among them, which Node 20
 * would call a leak from the eleventh on.
 */
export const guarded = (signal: AbortSignal, complain: Complain): AbortSignal => {
  setMaxListeners(0, signal)
  const wrappers = new WeakMap<Listener, (event: Event) => void>()
  const wrapped = (listener: Listener): ((event: Event) => void) => {
    const known = wrappers.get(listener)
    if (known !== undefined) return known
    const wrapper = (event: Event): void => {
      try {
        const returned = call(listener, signal, event)
        if (isThenable(returned)) returned.then(undefined, complain)
      } catch (thrown) {
        complain(thrown)
      }
    }
    wrappers.set(listener, wrapper)
    return wrapper
  }
  const { addEventListener, removeEventListener } = signal
  const add: Add = (type, listener, options) =>
    // What cannot be a listener is refused by the signal itself.
    addEventListener.call(signal, type, canHear(listener) ? wrapped(listener) : listener, options)
  const remove: Remove = (type, listener, options) => {
    const known = canHear(listener) ? wrappers.get(listener) : undefined
    removeEventListener.call(signal, type, known ?? listener, options)
  }
  // Cheaper by far than defining the same as hidden properties, and every handler that asks for its signal pays.
  return Object.assign(signal, { addEventListener: add, removeEventListener: remove })
}
