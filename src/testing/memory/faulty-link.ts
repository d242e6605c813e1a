/** One process's line to the memory server: carries calls there and news back, and breaks where a test wants it. */
import { BrokerError } from "../../broker/errors.ts"
import {
  refused,
  unknown,
  type ArrivalVerb,
  type CallVerb,
  type Fault,
  type OnCall
} from "./fault.ts"
import type { Track, Turns } from "./scheduler.ts"

export interface Link {
  readonly name: string
  state: "open" | "closed" | "crashed"
  /** Sends a call, and brings the answer. */
  call<A>(verb: CallVerb, subject: string, effect: () => A, signal?: AbortSignal): Promise<A>
  /** Sends something nobody answers; `atOnce`, it takes no turn to arrive. */
  tell(verb: CallVerb, subject: string, effect: () => void, atOnce?: boolean): void
  /** Sends something that no fault is put at, after everything sent before. */
  send(effect: () => void): void
  /** Brings something. */
  arrive(track: Track, arrival: Arrival): void
}

/** What a line brings. */
export interface Arrival {
  readonly verb: ArrivalVerb
  readonly subject: string
  readonly effect: () => void
  /** What a duplicate means; by default nothing. */
  readonly again?: () => void
}

export const link = (options: {
  readonly name: string
  readonly turns: Turns
  readonly ask: () => OnCall | undefined
  /** Takes hold of the timers that match; what is given back fires them. */
  readonly seize: (filter: string) => () => void
  readonly crash: () => void
}): Link => {
  const { turns, crash } = options
  const upward = turns.track()
  let count = 0

  const faultAt = (verb: CallVerb | ArrivalVerb, subject: string): Fault | undefined => {
    count++
    return options.ask()?.({ connection: options.name, verb, subject, count })
  }
  const send = (effect: () => void): void => turns.later(effect, upward)

  /** Sends `effect` as often and as late as the fault says. */
  const sendUnder = (
    fault: Fault | undefined,
    effect: () => void,
    deliver: (effect: () => void) => void = send
  ): void => {
    if (fault === "lost" || fault === "crash-before") return
    if (typeof fault === "object") {
      if ("refuse" in fault) return
      const sent = (): void => deliver(effect)
      const turn = "hold" in fault ? fault.hold : fault.late
      turn.then(sent, sent)
      return
    }
    deliver(effect)
  }
  const firing = (fault: Fault | undefined): boolean => fault === "fired" || fault === "firing"
  const dies = (fault: Fault | undefined): boolean =>
    fault === "crash-before" || fault === "crash-after"

  /** The error that takes the answer's place, whatever happens at the server. */
  const errorOf = (
    fault: Fault | undefined,
    verb: CallVerb,
    subject: string
  ): BrokerError | undefined => {
    if (fault === "lost") return unknown(verb, subject)
    if (typeof fault !== "object") return undefined
    if ("refuse" in fault) return refused(fault.refuse, verb, subject)
    return "late" in fault ? unknown(verb, subject) : undefined
  }
  const self: Link = {
    name: options.name,
    state: "open",
    send,
    call: <A>(
      verb: CallVerb,
      subject: string,
      effect: () => A,
      signal?: AbortSignal
    ): Promise<A> => {
      if (signal !== undefined) {
        return whileWanted(signal, verb, subject, () => self.call(verb, subject, effect))
      }
      return new Promise<A>((resolve, reject) => {
        if (self.state === "crashed") return
        if (self.state === "closed") return reject(closed(verb, subject))
        const fault = faultAt(verb, subject)
        const answer = (settle: () => void): void =>
          turns.later(() => {
            if (self.state !== "crashed") settle()
          })
        sendUnder(fault, () => {
          try {
            if (fault === "duplicate") effect()
            const fire = firing(fault) ? options.seize(subject) : undefined
            if (fault === "fired") fire?.()
            const result = effect()
            if (fault === "firing") fire?.()
            answer(() =>
              fault === "unanswered" ? reject(unknown(verb, subject)) : resolve(result)
            )
          } catch (error) {
            answer(() => reject(error as Error))
          }
        })
        const error = errorOf(fault, verb, subject)
        if (error !== undefined) answer(() => reject(error))
        if (dies(fault)) crash()
      })
    },
    tell: (verb, subject, effect, atOnce = false) => {
      if (self.state !== "open") return
      const fault = faultAt(verb, subject)
      const sent = (): void => {
        if (fault === "duplicate") effect()
        effect()
      }
      sendUnder(fault, sent, atOnce ? (effect) => effect() : send)
      if (dies(fault)) crash()
    },
    arrive: (track, { verb, subject, effect, again }) => {
      const land = (): void => {
        if (self.state === "open") effect()
      }
      turns.later(() => {
        if (self.state !== "open") return
        const fault = faultAt(verb, subject)
        if (typeof fault === "object") {
          const settled = "hold" in fault ? fault.hold : "late" in fault ? fault.late : undefined
          void settled?.then(land, land)
          return
        }
        if (fault === "crash-before") crash()
        if (fault !== "lost") land()
        if (fault === "duplicate") again?.()
        if (fault === "crash-after") crash()
      }, track)
    }
  }
  return self
}

export const closed = (verb: string, subject: string): BrokerError =>
  new BrokerError({
    reason: "Closed",
    message: `"${verb}" on "${subject}" was asked of a connection that is closed. Keep the connection open until its last call is answered, or open another one.`
  })

/** Asks, and waits for the answer until the signal is given. */
const whileWanted = <A>(
  signal: AbortSignal,
  verb: CallVerb,
  subject: string,
  ask: () => Promise<A>
): Promise<A> => {
  if (signal.aborted) return Promise.reject(unsent(verb, subject))
  return new Promise((resolve, reject) => {
    const end = (): void => reject(unheard(verb, subject))
    signal.addEventListener("abort", end, { once: true })
    void ask()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", end))
  })
}

const unsent = (verb: string, subject: string): BrokerError =>
  new BrokerError({
    reason: "Unreachable",
    message: `"${verb}" on "${subject}" was not sent, because nobody wanted to wait for it any more. Nothing was stored.`
  })

const unheard = (verb: string, subject: string): BrokerError => {
  const writes = verb === "publish" || verb === "purge"
  const rest = writes
    ? "It may have been stored: read before deciding."
    : "Nothing was to be stored."
  return new BrokerError({
    reason: writes ? "Unknown" : "Unreachable",
    message: `"${verb}" on "${subject}" was not answered for as long as anybody wanted to wait. ${rest}`
  })
}
