/** The last words of a dead letter are what the attempt before had to say, as a person reads it. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { step, task } from "arpeggio"
import { workerOver } from "../../src/testing/index.ts"
import { minute, scene } from "./memory.ts"

const { Finite } = Schema
class Busy extends Schema.TaggedError<Busy>()("Busy", { tries: Finite }) {}

const said: { readonly [what: string]: readonly [fail: () => unknown, words: RegExp] } = {
  "a crash with its causes": [
    () => {
      throw new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") })
    },
    /^TypeError: fetch failed\n(?: {4}at .*\n)* {2}caused by: Error: connect ECONNREFUSED/
  ],
  "words that were thrown": [
    () => {
      throw "just words"
    },
    /^Thrown: just words$/
  ],
  "a declared error": [
    () => {
      throw new Busy({ tries: 1 })
    },
    /^\{"_tag":"Busy","tries":1\}$/
  ],
  "a timeout": [() => new Promise(() => {}), /^it had not ended within its timeout of 20 ms$/]
}

for (const [what, [fail, words]] of Object.entries(said)) {
  test(what, async () => {
    const { server, app, pass } = await scene()
    let die = (): void => {}
    const retry = {
      times: 5,
      initial: "1 second",
      jitter: 0,
      on: ["Busy", "Crashed", "TimedOut"]
    } as const
    const doomed = task(
      "dead.words",
      { input: [], output: Finite, errors: [Busy], timeout: "20 millis", retry },
      (): Promise<number> => {
        if (step().attempt === 1) return fail() as Promise<number>
        die()
        return new Promise(() => {})
      }
    )
    const begin = async (): Promise<void> => {
      const broker = server.connect()
      await workerOver(broker, [doomed])
      die = () => {
        server.crash(broker)
        void begin()
      }
    }
    await begin()
    const run = await app.start(doomed())
    await pass(5 * minute)
    expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "WorkerLost" })
    const { letters } = await app.deadLetters.list()
    expect(letters[0]!.lastWords).toMatch(words)
  })
}
