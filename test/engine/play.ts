/** Plays one run under faults on a clock of its own: to its end, and on until nothing of it should be left. */
import type { AnyTask } from "../../src/define/task.ts"
import type { AnyWorkflow, Workflow } from "../../src/define/workflow.ts"
import { outcomeText, readVerdict } from "../../src/engine/verdict.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import type { Broker } from "../../src/transport/broker.ts"
import type { Fault, MemoryCall } from "../../src/transport/memory/fault.ts"
import { memoryServer, type MemoryServer } from "../../src/transport/memory/server.ts"
import { type Execution, executionsOf, forget } from "../fixtures/ledger.ts"
import { canonical } from "../reference/outcome.ts"

export interface Play {
  readonly workflow: AnyWorkflow
  readonly input?: unknown
  readonly tasks: ReadonlyArray<AnyTask>
  readonly seed?: number
  /** How many workers a call may cost; more when a play has more faults than that. Default: the worker's own. */
  readonly crashes?: number
  /** The fault at a call of a worker, or at what arrives there; `count` begins with the run. */
  readonly faultAt?: (call: MemoryCall) => Fault | undefined
}

export interface Played {
  /** Canonical; `undefined` when the run never ended. */
  readonly outcome: string | undefined
  /** Whether it changed after the end. */
  readonly stable: boolean
  readonly executions: ReadonlyArray<Execution>
  /** What is stored besides the outcome, long after the end. */
  readonly left: ReadonlyArray<string>
  /** What the first worker did, and what arrived there, in order. */
  readonly calls: ReadonlyArray<MemoryCall["verb"]>
  /** What happened, for the message of a failed test. */
  readonly story: string
}

const lease = 30_000

/** Leases that may run out before the run ends. */
const patience = 12

const outcomeIn = (server: MemoryServer): string | undefined => {
  const [stored] = server.records("memory.r.>")
  if (stored === undefined) return undefined
  const verdict = readVerdict(stored.body)
  if ("reference" in verdict.value) throw new Error("a value too large for this test")
  return canonical(JSON.parse(outcomeText("", verdict, verdict.value.text)))
}

export const play = async (options: Play): Promise<Played> => {
  const { seed, faultAt, tasks, crashes } = options
  const server = memoryServer({ clock: "manual", ...(seed === undefined ? {} : { seed }) })
  const story: Array<string> = []
  const calls: Array<MemoryCall["verb"]> = []
  let workers = 0
  const begin = async (): Promise<void> => {
    const broker = server.connect({ name: `worker-${++workers}` })
    await workerOver(broker, tasks as never, crashes === undefined ? {} : { crashes })
  }
  const counts = new Map<string, number>()
  await begin()
  await begin()
  const client: Broker = server.connect({ name: "client" })
  const app = await clientOver(client)
  server.onCall = ({ connection, verb, subject }) => {
    if (connection === "client") return undefined
    const count = (counts.get(connection) ?? 0) + 1
    counts.set(connection, count)
    if (connection === "worker-1") calls.push(verb)
    const fault = faultAt?.({ connection, verb, subject, count })
    story.push(
      `${connection} ${count} ${verb} ${subject}${fault === undefined ? "" : ` ${String(fault)}`}`
    )
    // Somebody starts a new worker for each that dies.
    if (fault === "crash-before" || fault === "crash-after") void begin().catch(() => {})
    return fault
  }
  const run = await app.start(
    options.workflow as Workflow<unknown, unknown, unknown>,
    options.input
  )
  const pass = async (milliseconds: number): Promise<void> => {
    await server.settled()
    story.push(`${milliseconds} ms pass`)
    server.clock.advance(milliseconds)
    await server.settled()
  }
  await server.settled()
  for (let leases = 0; leases < patience && outcomeIn(server) === undefined; leases++) {
    await pass(lease)
  }
  const outcome = outcomeIn(server)
  const ended = executionsOf(run.id).length
  for (let rounds = 0; rounds < 6; rounds++) await pass(rounds < 2 ? lease : 4 * lease)
  story.push(`${ended} executions before its end`)
  const executions = executionsOf(run.id)
  forget(run.id)
  server.onCall = undefined
  await app.close()
  const left = server.records().map(({ subject }) => subject)
  return {
    outcome,
    stable: outcome === outcomeIn(server),
    executions,
    left: left.filter((subject) => !subject.startsWith("memory.r.")),
    calls,
    story: story.join("\n")
  }
}
