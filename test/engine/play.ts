/** Plays one run under faults on a clock of its own: to its end, and on until nothing of it should be left. */
import type { AnyTask } from "../../src/define/task.ts"
import type { AnyWorkflow, Workflow } from "../../src/define/workflow.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import type { Broker, Publication } from "../../src/broker/broker.ts"
import type { Fault, MemoryCall } from "../../src/testing/memory/fault.ts"
import { memoryServer } from "../../src/testing/memory/server.ts"
import { inputFor } from "../fixtures/input.ts"
import { type Execution, executionsOf } from "../fixtures/ledger.ts"
import type { Counts } from "../reference/fired.ts"
import { canonical } from "../reference/outcome.ts"
import { toldText } from "../reference/told.ts"
import { callbacksIn, deadIn, doubledIn, outcomeIn, twiceIn } from "./found.ts"
import { Requests } from "./requests.ts"
import { withoutLeavingTimers } from "./timers.ts"

/** A call of a worker, or what arrives there; `at` counts those of all workers together, from 1. */
export interface PlayCall extends MemoryCall {
  readonly at: number
}

/** `frozen`: it happens only when a lease has run out meanwhile. `late`: the same, but a timeout is told at once. `full`: there is no room for it. */
export type PlayFault = (Fault & string) | "frozen" | "late" | "full"

export interface Play {
  readonly workflow: AnyWorkflow
  readonly input?: unknown
  /** What workers serve; a task that kills its worker does so by `die`. */
  readonly tasks:
    | ReadonlyArray<AnyTask>
    /** The first worker and the second, and whoever takes the place of one, is told which of the two it is. */
    | ((die: () => void, which: number) => ReadonlyArray<AnyTask>)
  readonly seed?: number
  /** How many workers a call may cost; more when a play has more faults than that. Default: the worker's own. */
  readonly crashes?: number
  /** The fault at a call of a worker, or at what arrives there; `count` begins with the run. */
  readonly faultAt?: (call: PlayCall) => PlayFault | undefined
  /** Whether somebody asks to cancel the run at this call; asked until one says yes. */
  readonly cancelAt?: (call: PlayCall) => boolean
  /** A record that is there when the run begins, such as a message that nobody can read. */
  readonly besides?: Publication
  /** What a worker is given in place of its broker, to see whether a broken one would be noticed. */
  readonly sabotage?: (broker: Broker) => Broker
}

export interface Played {
  /** Canonical; `undefined` when the run never ended. */
  readonly outcome: string | undefined
  /** Whether it is the same long after the end. */
  readonly stable: boolean
  /** What the caller was told in the first place: as its JSON would say it, and as decoded. */
  readonly told: { readonly plain: string; readonly rich: string }
  /** Outcomes of steps and scopes that were stored more than once by the end of the run. */
  readonly doubled: ReadonlyArray<string>
  /** What whoever cancelled was told: the tag of the outcome, or an error; `undefined` when nobody did. */
  readonly answer: string | undefined
  readonly executions: ReadonlyArray<Execution>
  /** Steps that began only when the run had ended. */
  readonly afterwards: ReadonlyArray<string>
  /** What is stored besides outcomes, long after the end, and after dead letters have been dropped. */
  readonly left: ReadonlyArray<string>
  /** The calls that are among the dead letters. */
  readonly dead: ReadonlyArray<string>
  /** How often each callback was started, by what it was given: callbacks of callbacks, too. */
  readonly callbacks: Counts
  /** Hooks that started two. */
  readonly twice: ReadonlyArray<string>
  /** What was said of runs that stood still and were begun again: no fault of a worker or of the broker makes one stand still. */
  readonly repaired: ReadonlyArray<string>
  /** What the workers did, and what arrived there, in order. */
  readonly calls: ReadonlyArray<PlayCall>
  /** What workers asked of their brokers until the run had its outcome, in order; nothing where `GOLDEN` is not set. */
  readonly requests: ReadonlyArray<string>
  /** What happened, for the message of a failed test. */
  readonly story: string
}

const lease = 30_000

/** Leases that may run out before the run ends: a lost one for each fault, and one for each retry on the way. */
const patience = 40

export const play = (options: Play): Promise<Played> => withoutLeavingTimers(() => perform(options))

const perform = async (options: Play): Promise<Played> => {
  const { seed, faultAt, tasks, crashes, sabotage = (broker: Broker) => broker } = options
  const server = memoryServer({ clock: "manual", ...(seed === undefined ? {} : { seed }) })
  const story: Array<string> = []
  const calls: Array<PlayCall> = []
  const repaired: Array<string> = []
  const requests = new Requests()
  let workers = 0
  const places = new Map<string, number>()
  /** With the play its processes end, those that died in it, too: a worker of this process is held until its broker has ended. */
  let end = (): void => {}
  const ended = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined)
  })
  const begin = async (which: number): Promise<void> => {
    const name = `worker-${++workers}`
    places.set(name, which)
    const broker = server.connect({ name })
    const die = (): void => {
      story.push(`${name} is killed by what it executes`)
      server.crash(broker)
      replace(name)
    }
    const served = typeof tasks === "function" ? tasks(die, which) : tasks
    const heard = requests.heard(sabotage(broker), name)
    await workerOver({ ...heard, ended }, served as never, {
      print: (line) => {
        if (line.includes("stood still")) repaired.push(line)
      },
      ...(crashes === undefined ? {} : { maxCrashes: crashes })
    })
  }
  const replaced = new Set<string>()
  // Somebody starts a new worker for each that dies, or could not be started.
  const replace = (name: string): void => {
    if (replaced.has(name)) return
    replaced.add(name)
    const next = `worker-${workers + 1}`
    void begin(places.get(name) ?? 1).catch(() => replace(next))
  }
  const counts = new Map<string, number>()
  await begin(1)
  await begin(2)
  const client = server.connect({ name: "client" })
  const app = await clientOver(client)
  const waiting: Array<() => void> = []
  const afterLease = (): Promise<void> => new Promise((resolve) => waiting.push(resolve))
  let cancelAt = options.cancelAt
  let answer: string | undefined
  let started: string | undefined
  server.onCall = ({ connection, verb, subject }) => {
    if (connection === "client") return undefined
    const count = (counts.get(connection) ?? 0) + 1
    counts.set(connection, count)
    const call = { connection, verb, subject, count, at: calls.length + 1 }
    calls.push(call)
    if (started !== undefined && cancelAt?.(call) === true) {
      cancelAt = undefined
      answer = "nothing"
      story.push("somebody cancels")
      app.cancel(started).then(
        (tag) => (answer = tag),
        (cause: unknown) => (answer = String(cause))
      )
    }
    const fault = faultAt?.(call)
    story.push(`${connection} ${count} ${verb} ${subject}${fault === undefined ? "" : ` ${fault}`}`)
    if (fault === "crash-before" || fault === "crash-after") replace(connection)
    if (fault === "frozen") return { hold: afterLease() }
    if (fault === "full") return { refuse: "Full" }
    return fault === "late" ? { late: afterLease() } : fault
  }
  if (options.besides !== undefined) await client.publish(options.besides)
  const run = await app.start(
    options.workflow as Workflow<unknown, unknown, unknown>,
    inputFor(options.workflow, options.input)
  )
  started = run.id
  let told = { plain: "nothing", rich: "nothing" }
  run.outcome().then(
    (first) => (told = { plain: canonical(first), rich: toldText(first) }),
    (cause: unknown) => (told = { plain: String(cause), rich: String(cause) })
  )
  const pass = async (milliseconds: number): Promise<void> => {
    await server.settled()
    story.push(`${milliseconds} ms pass`)
    server.clock.advance(milliseconds)
    await server.settled()
    if (waiting.length === 0) return
    story.push("what was held up happens")
    for (const goOn of waiting.splice(0)) goOn()
    await server.settled()
  }
  await server.settled()
  for (let leases = 0; leases < patience && outcomeIn(server, run.id) === undefined; leases++) {
    await pass(lease)
  }
  const outcome = outcomeIn(server, run.id)
  const asked = [...requests.lines]
  const doubled = doubledIn(server)
  const before = executionsOf(run.id).map(({ step }) => step)
  for (let rounds = 0; rounds < 6; rounds++) await pass(rounds < 2 ? lease : 4 * lease)
  const dead = deadIn(server)
  // A run is kept for as long as it has dead letters, and goes when they do.
  const { letters } = await app.deadLetters.list()
  for (const { id } of letters) await app.deadLetters.drop(id)
  // Faults can hold up the collection itself.
  const left = (): ReadonlyArray<string> =>
    server
      .records()
      .map(({ subject }) => subject)
      .filter((subject) => !subject.startsWith("memory.r."))
  for (let rounds = 0; rounds < 12 && left().length > 0; rounds++) await pass(4 * lease)
  story.push(`${before.length} executions before its end`)
  const executions = executionsOf(run.id)
  const afterwards = executions.map(({ step }) => step).filter((step) => !before.includes(step))
  const callbacks = callbacksIn(run.id)
  server.onCall = undefined
  await app.close()
  end()
  return {
    outcome,
    stable: outcome === outcomeIn(server, run.id),
    told,
    doubled: [...doubled, ...doubledIn(server)],
    answer,
    executions,
    afterwards,
    left: left(),
    dead,
    callbacks,
    twice: twiceIn(server),
    repaired,
    calls,
    requests: asked,
    story: story.join("\n")
  }
}
