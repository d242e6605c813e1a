/** Starting many, attaching and describing: programs that must compile, with the types that they must have. */
import { step } from "../../src/define/context.ts"
import type { Schedule } from "../../src/result/schedule.ts"
import type { Run, Started, WaitingStep } from "../../src/result/run.ts"
import { add, app, chain, either, type Expected, fail, mul, shout } from "./dsl.ts"

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : { got: A }
const type = <_Holds extends true>(): void => {}

export const runs = async (): Promise<void> => {
  // Options take the place of an input that is not needed.
  const patient = await app.run(chain(add(1, 2), mul(3)), { within: "1 second" })
  type<Same<typeof patient, number>>()
  await app.start(add(1, 2), { signal: AbortSignal.timeout(1_000) })
  await app.run(either ? add(1, 2) : fail(1), { within: "5 seconds" })

  // Many starts give a handle or an error each.
  const [first, second] = await app.startAll([fail(1), shout("x")])
  type<Same<typeof first, Started<number, Expected>>>()
  type<Same<typeof second, Started<string>>>()
  const starts = await app.startAll([1, 2].map((n) => add(n, 1)))
  type<Same<typeof starts, Array<Started<number>>>>()
  const started = starts[0]!
  if (started.run === undefined) type<Same<typeof started.error, Error>>()
  else type<Same<typeof started.run, Run<number>>>()

  // A run is read by its workflow, by what builds it, or as plain data.
  const plain = app.attach("id")
  type<Same<typeof plain, Run<unknown, unknown>>>()
  const { waiting } = await plain.describe()
  type<Same<typeof waiting, ReadonlyArray<WaitingStep>>>()
  type<Same<WaitingStep["worker"], string | undefined>>()
  const known = app.attach("id", chain(fail(1), mul(2)))
  type<Same<typeof known, Run<number, Expected>>>()
  const byTask = app.attach("id", fail)
  type<Same<typeof byTask, Run<number, Expected>>>()
  const byPair = app.attach("id", add)
  type<Same<typeof byPair, Run<number>>>()
  const byFunction = app.attach("id", () => chain(fail(1), mul(2)))
  type<Same<typeof byFunction, Run<number, Expected>>>()
}

export const schedules = async (): Promise<void> => {
  // What a workflow needs is asked for, and nothing else.
  const made = await app.schedule("x", chain(fail(), mul(2)), { every: "1 hour", input: 3 })
  type<Same<typeof made, Schedule<number, number, Expected>>>()
  const run = await made.trigger(4)
  type<Same<typeof run, Run<number, Expected>>>()
  await app.schedule("x", add(1, 2), { cron: "0 6 * * *", timeZone: "UTC", jitter: { seconds: 5 } })
  // What is told can be declared again.
  const { spec, overdue } = await made.info()
  type<Same<typeof overdue, Date | undefined>>()
  await app.schedule("y", add(1, 2), spec)
  const { scheduled } = step()
  type<
    Same<
      typeof scheduled,
      { readonly name: string; readonly at: Date; readonly triggered: boolean } | undefined
    >
  >()
}
