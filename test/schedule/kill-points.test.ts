/** Something goes wrong at every call by which a tick is done, and by which a schedule is declared: each time is started once, and none is left out. */
import * as Schema from "effect/Schema"
import { afterAll, expect, test } from "vitest"
import { step, task } from "../../src/index.ts"
import { clientOver, memoryServer, workerOver } from "../../src/testing/index.ts"
import type { Fault, MemoryCall } from "../../src/testing/memory/fault.ts"

const minute = 60_000
const lease = 30_000
const occurrences = 4

type PointFault = (Fault & string) | "frozen" | "late"

const faults: ReadonlyArray<PointFault> = [
  "lost",
  "unanswered",
  "duplicate",
  "crash-before",
  "crash-after",
  "fired",
  "firing",
  "frozen",
  "late"
]

interface Point {
  readonly at: number
  readonly fault: PointFault
}

/** What has to do with schedules: what runs do besides has plays of its own. */
const matters = ({ verb, subject }: MemoryCall): boolean =>
  /^memory\.c\.|^memory\.s\..*\._\.[^.]+\.[^.]+$|^memory\.t\._\.c\.|^_\.c$/.test(subject)
    ? verb !== "extend"
    : verb === "publish" && subject.startsWith("memory.t.")

/** Plays a few times of a schedule with faults at some calls; answers with how many calls there were, and what was started for each time. */
const play = async (
  points: ReadonlyArray<Point>,
  declaring = false,
  forgetful = false
): Promise<{
  readonly calls: number
  readonly wrong: string | undefined
  readonly story: string
}> => {
  const runs = new Map<number, Set<string>>()
  const executions = new Map<number, number>()
  const note = task("note", { input: [], output: Schema.Void }, () => {
    const { scheduled, run } = step()
    const at = scheduled!.at.getTime()
    runs.set(at, (runs.get(at) ?? new Set()).add(run))
    executions.set(at, (executions.get(at) ?? 0) + 1)
  })
  const server = memoryServer({
    clock: "manual",
    ...(forgetful ? { duplicateWindow: 1 } : {})
  })
  const story: Array<string> = []
  const waiting: Array<() => void> = []
  const afterLease = (): Promise<void> => new Promise((resolve) => waiting.push(resolve))
  let workers = 0
  let end = (): void => {}
  const ended = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined)
  })
  const begin = async (): Promise<void> => {
    const name = `worker-${++workers}`
    await workerOver({ ...server.connect({ name }), ended }, [note] as never)
  }
  const replace = (): void => void begin().catch(replace)
  await begin()
  await begin()
  const client = server.connect({ name: "client" })
  const app = await clientOver({ ...client, ended })
  let calls = 0
  server.onCall = (call) => {
    const isClient = call.connection.startsWith("client")
    if (isClient !== declaring || !matters(call)) return undefined
    calls += 1
    const fault = points.find(({ at }) => at === calls)?.fault
    story.push(`${calls} ${call.connection} ${call.verb} ${call.subject} ${fault ?? ""}`)
    if (!isClient && (fault === "crash-before" || fault === "crash-after")) replace()
    if (fault === "frozen") return { hold: afterLease() }
    return fault === "late" ? { late: afterLease() } : fault
  }
  const pass = async (milliseconds: number): Promise<void> => {
    await server.settled()
    story.push(`${milliseconds} ms pass`)
    server.clock.advance(milliseconds)
    await server.settled()
    for (const goOn of waiting.splice(0)) goOn()
    await server.settled()
  }
  const start = server.clock.now()
  const until = new Date(start + occurrences * minute)
  const spec = {
    every: "1 minute",
    until,
    misfire: "all",
    overlap: "allow",
    tolerance: "1 hour"
  } as const
  const declare = async (from: typeof app): Promise<unknown> => from.schedule("s", note(), spec)
  if (declaring) {
    // Whoever declares it may die, or hear nothing; somebody else does the same a moment later, and what they did stays.
    void declare(app).catch(() => {})
    await pass(lease)
    await declare(await clientOver({ ...server.connect({ name: "other" }), ended }))
  } else await declare(app)
  for (let passed = 0; passed < occurrences * minute; passed += lease) await pass(lease)
  for (let rounds = 0; rounds < 8; rounds++) await pass(lease + 1_000)
  server.onCall = undefined
  const wanted = Array.from({ length: occurrences }, (_, at) => start + (at + 1) * minute)
  const wrong = wanted.flatMap((time, at) => {
    const count = runs.get(time)?.size ?? 0
    return count === 1 ? [] : [`time ${at + 1} was started ${count} times`]
  })
  if (runs.size > wanted.length) wrong.push("a time that is none was started")
  // Who dies may take a run with it that it executes.
  const mayRepeat = points.some(({ fault }) => fault.startsWith("crash"))
  for (const [time, count] of executions) {
    if (count > 1 && !mayRepeat)
      wrong.push(`${new Date(time).toISOString()} was executed ${count} times`)
  }
  const left = server
    .records("memory.s.>")
    .filter(({ subject }) => /\.s[0-9a-z]{11}\._\./.test(subject))
  if (left.length > 0) wrong.push(`timers are left: ${left.map(({ subject }) => subject).join()}`)
  end()
  return {
    calls,
    wrong: wrong.length === 0 ? undefined : wrong.join("; "),
    story: story.join("\n")
  }
}

let played = 0

const everyCall = async (
  fault: PointFault,
  declaring = false,
  forgetful = false
): Promise<void> => {
  const { calls, wrong, story } = await play([], declaring, forgetful)
  expect(wrong, story).toBeUndefined()
  expect(calls).toBeGreaterThan(2)
  for (let at = 1; at <= calls; at++) {
    const one = await play([{ at, fault }], declaring, forgetful)
    played += 1
    expect(one.wrong, `${fault} at call ${at}\n${one.story}`).toBeUndefined()
  }
}

test.each(faults)("a tick: %s", { timeout: 300_000 }, (fault) => everyCall(fault))

test.each(["crash-after", "unanswered", "frozen"] as const)(
  "a tick, with a broker that forgets ids at once: %s",
  { timeout: 300_000 },
  (fault) => everyCall(fault, false, true)
)

test.each(["lost", "unanswered", "crash-before", "crash-after", "frozen", "late"] as const)(
  "declaring: %s",
  { timeout: 300_000 },
  (fault) => everyCall(fault, true)
)

afterAll(() => {
  process.stderr.write(`kill points of schedules: ${played} plays\n`)
})
