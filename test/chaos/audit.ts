/** What must hold at the end of a storm, whatever its kind. */
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { executionsOf, repeatsOf, type Execution, type Harm, type Repeats } from "./ledger.ts"
import type { Stage } from "./stage.ts"

export interface Audit {
  readonly figures: Readonly<Record<string, number>>
  readonly missed: ReadonlyArray<string>
  readonly repeats: Repeats
  readonly executions: ReadonlyArray<Execution>
}

/** Chords with more than one body step, or more than one input of their body. */
const splitBodies = (executions: ReadonlyArray<Execution>): ReadonlyArray<string> => {
  const bodies = new Map<string, Set<string>>()
  for (const { run, step, task, input } of executions) {
    if (task !== "storm.body") continue
    const known = bodies.get(run) ?? new Set()
    bodies.set(run, known.add(`${step} ${JSON.stringify(input)}`))
  }
  return [...bodies].filter(([, distinct]) => distinct.size > 1).map(([run]) => run)
}

/** Reads every result again, from the stream and through a client that knows nothing yet. */
const rereadWrong = async (stage: Stage): Promise<ReadonlyArray<string>> => {
  const { app } = await stage.connect()
  const wrong: Array<string> = []
  const left = [...stage.submitted.all]
  const read = async (): Promise<void> => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      if (one.ended === undefined) continue
      const { id } = one.run
      const again = await app.attach(id, one.job.workflow).result().catch(String)
      if (again !== (one.error === undefined ? one.result : String(one.error)))
        wrong.push(`${id}: ${again}`)
    }
  }
  await Promise.all(Array.from({ length: 50 }, read))
  return wrong
}

export const audit = async (stage: Stage, harm: Harm): Promise<Audit> => {
  const { submitted, inspector, namespace } = stage
  const wrong = submitted.unfinished()
  const double = await inspector.doubleCommits()
  const stored = await inspector.subjects(`${namespace}.r.>`)
  const places = new Set([...stored.keys()].map((place) => place.split(".").slice(5, 8).join("-")))
  const unstored = submitted.all.filter(({ run }) => !places.has(run.id))
  const flipped = await rereadWrong(stage)
  const executions = executionsOf(await stage.ledger())
  const stalls = (await stage.stalls()).filter(
    ({ pid, from, to }) =>
      !harm.stops.some((stop) => stop.pid === pid && stop.from <= to && stop.to >= from)
  )
  const repeats = repeatsOf(executions, { ...harm, stops: [...harm.stops, ...stalls] })
  const all = { ...harm, killed: [...harm.killed], stalls, unexplained: repeats.unexplained }
  await writeFile(join(stage.directory, "harm.json"), JSON.stringify(all))
  const split = splitBodies(executions)
  const lostLines = await stage.logged(/ lost to another worker: /)
  const { tasks } = submitted

  stage.say(`slowest: ${submitted.slowest.run}, ${submitted.slowest.seconds} s`)
  // Those that differ only in a figure or an id are one.
  const refused = new Map(
    submitted.refused.map((why) => [why.replaceAll(/\S*\d\S*/g, ""), why] as const)
  )
  for (const why of refused.values()) stage.say(`a start was refused: ${why}`)
  const missed: Array<string> = []
  const must = (holds: boolean, words: string): void => {
    if (!holds) missed.push(words)
  }
  must(wrong.length === 0, `${wrong.length} runs without their right result`)
  must(double.length === 0, `committed twice: ${double.slice(0, 5).join(", ")}`)
  must(unstored.length === 0, `${unstored.length} runs without a stored outcome`)
  must(flipped.length === 0, `read differently the second time: ${flipped.slice(0, 5).join(", ")}`)
  must(split.length === 0, `more than one body in ${split.slice(0, 5).join(", ")}`)
  must(repeats.steps >= tasks / 2, `only ${repeats.steps} of ${tasks} tasks were executed`)
  // The handler's word that it has ended comes before its outcome is stored, and a kill can come between the two.
  const allowed = repeats.allowed + repeats.uncommitted
  must(repeats.extra <= allowed, `${repeats.extra} extra executions where ${allowed} are explained`)
  // Not a target: that no more is repeated than was cut off is. But whoever looks for a cause begins here.
  for (const step of repeats.unexplained)
    stage.say(`repeated for no known cause: ${JSON.stringify(step)}`)
  return {
    missed,
    repeats,
    executions,
    figures: {
      runs: submitted.all.length,
      refusedStarts: submitted.refused.length,
      tasks,
      lost: wrong.length,
      doubleCommits: double.length,
      extraExecutions: repeats.extra,
      extraPercent: Math.round((repeats.extra / Math.max(1, repeats.steps)) * 10_000) / 100,
      extraAllowed: repeats.allowed,
      extraUnexplained: repeats.unexplained.length,
      killedBeforeCommit: repeats.uncommitted,
      repeatedAfterBrokerKill: repeats.forgotten,
      fencedZombies: repeats.fenced,
      stalledByMachine: stalls.length,
      toldLost: lostLines.length,
      splitBodies: split.length,
      longestStall: submitted.longestStall,
      slowestRun: submitted.slowest.seconds
    }
  }
}
