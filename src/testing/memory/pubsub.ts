/** What the memory server tells at most once: outcomes to inboxes, announcements to whoever listens. */
import type { Subscription } from "../../broker/broker.ts"
import type { ArrivalVerb } from "./fault.ts"
import type { Link } from "./faulty-link.ts"
import type { Turns } from "./scheduler.ts"

interface Listener {
  readonly link: Link
  readonly filter: string
  readonly receive: (body: Uint8Array) => void
  readonly verb: ArrivalVerb
  readonly arrivals: ReturnType<Turns["track"]>
  stopped: boolean
}

export interface Radio {
  /** Brings `body` to everyone who listens there now. */
  tell(subject: string, body: Uint8Array): void
  listen(
    link: Link,
    verb: ArrivalVerb,
    filter: string,
    receive: (body: Uint8Array) => void
  ): Subscription
  /** Nothing reaches that process any more. */
  leave(link: Link): void
}

export const radio = (turns: Turns): Radio => {
  const listeners = new Map<string, Set<Listener>>()

  const audience = (subject: string): ReadonlyArray<Listener> => {
    // Only the last token of an inbox is ever left open, so two look-ups find everyone.
    const open = `${subject.slice(0, subject.lastIndexOf("."))}.*`
    return [...(listeners.get(subject) ?? []), ...(listeners.get(open) ?? [])]
  }
  const end = (listener: Listener): void => {
    listener.stopped = true
    const others = listeners.get(listener.filter)
    others?.delete(listener)
    if (others?.size === 0) listeners.delete(listener.filter)
  }
  return {
    tell: (subject, body) => {
      for (const listener of audience(subject)) {
        const heard = new Uint8Array(body)
        const effect = (): void => {
          if (!listener.stopped) listener.receive(heard)
        }
        listener.link.arrive(listener.arrivals, { verb: listener.verb, subject, effect })
      }
    },
    listen: (link, verb, filter, receive) => {
      const arrivals = turns.track()
      const listener: Listener = { link, verb, receive, arrivals, filter, stopped: false }
      const others = listeners.get(filter) ?? new Set<Listener>()
      listeners.set(filter, others.add(listener))
      return { stop: () => end(listener) }
    },
    leave: (link) => {
      for (const some of listeners.values()) {
        for (const listener of some) if (listener.link === link) end(listener)
      }
    }
  }
}
