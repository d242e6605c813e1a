/** Who pays for a worker that ends: the step in whose code it was, where that is sure; else everybody that ran beside. */
import { expect, test } from "vitest"
import { behind, ends, lasts } from "./losses-program.ts"
import { placeOf } from "./server-and-client.ts"

const here = placeOf("losses", "./losses-program.ts")

/** Less than a lease of 30 s, by far. */
const soon = { within: "15 seconds" } as const

const errorOf = (run: { result(options: typeof soon): Promise<unknown> }): Promise<string> =>
  run.result(soon).then(
    (value) => `no error, but ${String(value)}`,
    (error: Error) => error.message
  )

test("a step pays for no other that is named, however often", async () => {
  const beside = await here.app.start(lasts())
  // A worker may be lost once only.
  for (const [how, code] of Object.entries({ rejection: 1, exit: 3, handled: 7 })) {
    const program = here.start()
    await program.line(/^lasts/)
    const culprit = await here.app.start(ends(how))
    expect(await program.exit).toBe(code)
    const said = program.lines.join("\n")
    expect(said).toContain(`It was in the code of ${culprit.id} losses.ends#0. 2 steps run here`)
    expect(said).toContain("the loss counts for that one only")
  }
  here.start({ QUICK: "1" })
  expect(await beside.result(soon)).toBe("done")
}, 40_000)

test("a step that ends its workers is given up after as many as it may cost, with the way out", async () => {
  const run = await here.app.start(ends("exit"))
  for (let count = 0; count < 2; count++) {
    const program = here.start({ CRASHES: "2" })
    expect(await program.exit).toBe(3)
    // Of the stack, only what its author wrote, although a bundler has put it into one file with all the rest.
    const frames = program.lines.filter((line) => /^\s+at /.test(line))
    const names = frames.map((line) => line.trim().split(" ")[1])
    expect([...new Set(names)]).toEqual(["Object.exit", "Object.handler"])
  }
  const last = here.start({ CRASHES: "2" })
  const error = await errorOf(run)
  const { letters } = await here.app.deadLetters.list()
  expect(error).toMatch(
    /^losses\.ends \(attempt 1\) in run app-\S+ was given up by worker \S+: WorkerLost: losses\.ends was begun 2 times by workers that died or lost the connection before it ended \(\S+ among them\), so it is not begun again\. The last of them, \S+, ended with: process\.exit was called, exit code 3 at .*losses-program\.\w+:\d+:\d+.* in the code of this step\. Mend the code that did it, then redrive it: deadLetters\.redrive\("app\./
  )
  expect(error).toContain(`deadLetters.redrive("${letters[0]!.id}")`)
  expect(await last.line(/is given up/)).toContain(
    `${run.id} losses.ends#0  is given up: WorkerLost`
  )
  expect(last.lines.join("\n")).not.toContain("crashed after")
}, 40_000)

test("where no step is named, all pay", async () => {
  const beside = await here.app.start(lasts())
  const program = here.start()
  await program.line(/^lasts/)
  program.child.kill("SIGUSR2")
  expect(await program.exit).toBe(1)
  here.start()
  expect(await errorOf(beside)).toMatch(/in no step/)
}, 40_000)

test("what an ended step has left behind may be another's fault, so all pay", async () => {
  const beside = await here.app.start(lasts())
  const program = here.start()
  await program.line(/^lasts/)
  const ended = await here.app.start(behind())
  expect(await program.exit).toBe(1)
  here.start()
  expect(await ended.result(soon)).toBe("done")
  expect(await errorOf(beside)).toContain(`left behind at Timeout._onTimeout`)
}, 40_000)

test("a step that has its outcome already is not told as lost, although its handler goes on", async () => {
  const run = await here.app.start(lasts().with({ timeout: "500 millis" }))
  const program = here.start()
  expect(await run.outcome(soon)).toMatchObject({ _tag: "TimedOut" })
  program.child.kill("SIGUSR2")
  expect(await program.exit).toBe(1)
  expect(program.lines.join("\n")).not.toContain("begins again elsewhere")
}, 40_000)
