/** The client's process: `client-main.js <system> <workload> <parameters>` measures, and prints one line of JSON. */
import { setTimeout as sleep } from "node:timers/promises"
import type { Answer, Question } from "./runner/measure.ts"
import type { Place, System } from "./system.ts"
import { workloads } from "./workloads/all.ts"
import { WrongResult } from "./workloads/pace.ts"
import type { Started, Usage } from "./workloads/workload.ts"

const [, , name, workloadName, parameters] = process.argv
const { place, quick } = JSON.parse(parameters!) as {
  readonly place: Place
  readonly quick: boolean
}

/** One question at a time. */
const ask = <A>(question: Question): Promise<A> =>
  new Promise((resolve, reject) => {
    process.once("message", (answer: { readonly told?: A; readonly failed?: string }) => {
      if (answer.failed === undefined) resolve(answer.told as A)
      else reject(new Error(answer.failed))
    })
    process.send!(question)
  })

const runner = {
  usage: () => ask<Usage>("usage"),
  startWorker: () => ask<Started>("startWorker"),
  memory: () => ask<number>("memory"),
  freeze: () => ask<void>("freeze"),
  thaw: () => ask<void>("thaw")
}

const measured = async (): Promise<Answer> => {
  const { system } = (await import(`./systems/${name}/system.js`)) as { readonly system: System }
  const workload = workloads.find((each) => each.name === workloadName)!
  const session = await system.connect(place)
  if (workload.can?.(session) === false) return { unable: true }
  try {
    return { measured: await workload.measure({ session, runner, quick }) }
  } catch (error) {
    if (error instanceof WrongResult) return { wrong: error.message }
    throw error
  } finally {
    // It may have started something; a connection that does not end is no reason to wait.
    await Promise.race([session.close(), sleep(3_000)])
  }
}

const answer = await measured()
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0))
