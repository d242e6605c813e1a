/**
 * What a program does besides its handlers, as far as that can be seen: as long as there is anything of it, its process is
 * not ended because handlers ignore their signal.
 *
 * What it does is told from what handlers do by the step that those run as, and from what the worker and its connection do
 * by how those are set going. Node tells of what begins or goes on only while it is watched, which costs too much to be
 * done all the time: of what was there before, handles are known again, timers are seen when they fire, and one that does
 * not is guessed from how many there were when `serve` was called. A guess is for the program.
 */
import { createHook, executionAsyncResource } from "node:async_hooks"
import { Socket as Datagrams } from "node:dgram"
import { Server } from "node:net"
import { isProgram } from "../define/context.ts"
import { runtime, tellsAll } from "./runtime.ts"

/** For how long nothing of the program's own must have begun or gone on, in milliseconds. */
const quiet = 500

/** What a program may wait for without anything happening meanwhile: promises, timers, sockets, processes. */
const lasting = /^(PROMISE|Timeout|Immediate|TCP|PIPE|UDP|TLS|PROCESS|WORKER|FSREQ|DNS|GETADDRINFO)/

interface Reference {
  readonly hasRef?: () => boolean
  /** Standard input, output and errors have the first three. */
  readonly fd?: number
}

/** Whether a timer or a handle keeps the process alive. */
const holds = ({ hasRef }: Reference, resource: Reference): boolean =>
  hasRef === undefined || hasRef.call(resource)

/** The sockets, servers and processes that keep this process alive. */
const handles = (): ReadonlyArray<Reference> => {
  const { _getActiveHandles: get } = process as {
    readonly _getActiveHandles?: () => ReadonlyArray<Reference>
  }
  return (get?.() ?? []).filter(({ fd }) => fd === undefined || fd < 0 || fd > 2)
}

const timers = (): number =>
  process.getActiveResourcesInfo().filter((type) => type === "Timeout").length

/** What a program had under way before it had a worker. */
export interface Before {
  readonly handles: WeakSet<Reference>
  readonly timers: number
}

/** Asked before anything of the worker is there; `ours`: how many timers connections of this package have then. */
export const beforeWorker = (ours: number): Before => ({
  handles: new WeakSet(handles()),
  timers: Math.max(0, timers() - ours)
})

export class Program {
  readonly #before: Before
  /** What has begun or gone on, and has not ended; of a promise, only that it is there. */
  readonly #open = new Map<number, Reference | undefined>()
  readonly #hook: ReturnType<typeof createHook>
  #at = performance.now()
  #alone = false
  #own = 0
  /** Whether anything was told of. */
  #sees = false

  /** Watches from now on, until `stop`. */
  constructor(before: Before) {
    this.#before = before
    this.#hook = createHook({
      init: (id, type, _, resource: Reference) => {
        this.#sees = true
        // While its worker stops, a program waits for nothing but that.
        if (!isProgram() || (type === "PROMISE" && !this.#alone)) return
        if (lasting.test(type)) this.#open.set(id, type === "PROMISE" ? undefined : resource)
        if (type !== "PROMISE") this.#at = performance.now()
      },
      before: (id) => {
        if (id === this.#own || !isProgram()) return
        this.#at = performance.now()
        const resource = executionAsyncResource() as Reference
        if (resource.constructor.name === "Timeout") this.#open.set(id, resource)
      },
      promiseResolve: (id) => void this.#open.delete(id),
      destroy: (id) => void this.#open.delete(id)
    })
    // Made when they are first asked for; nobody waits for them.
    void [process.stdout, process.stderr]
    if (!tellsAll) return
    this.#hook.enable()
    void Promise.resolve()
  }

  stop(): void {
    this.#hook.disable()
  }

  /** The worker has stopped: from now on promises count, too. */
  goesOn(): void {
    this.#alone = true
    this.#at = performance.now()
  }

  /** The id of the timer by which this is asked, which is no sign of life. */
  except(id: number): void {
    this.#own = id
    this.#open.delete(id)
  }

  /** Whether nothing is seen of it that goes on, or might. */
  get isDone(): boolean {
    if (!this.#sees || performance.now() - this.#at <= quiet || this.lasts !== undefined) {
      return false
    }
    return ![...this.#open.values()].some(
      (resource) => resource === undefined || holds(resource, resource)
    )
  }

  /** Why it cannot be known whether it is done; `undefined` where it can. */
  get unknown(): string | undefined {
    return tellsAll ? undefined : `${runtime} does not tell what else a program has to do`
  }

  /** What is there that lasts although nothing happens, in words. */
  get lasts(): string | undefined {
    const all = handles()
    if (all.some((one) => one instanceof Server || one instanceof Datagrams)) return "a server"
    if (all.some((one) => this.#before.handles.has(one))) {
      return "a connection that was there before serve"
    }
    return this.#before.timers > 0 && timers() > 0
      ? "a timer that was there before serve, or is taken for it"
      : undefined
  }
}
