/** A process stays alive while it waits for something of a test's app, and ends by itself when it waits for nothing. */
import { expect, test } from "vitest"
import { outputOf } from "../examples/program.ts"

const said: { readonly [program: string]: string } = {
  run: "42",
  result: '42\n"Succeeded"',
  timeout: '"TimedOut"',
  within: '"StillRunning"',
  cancel: '"Cancelled"',
  drain: '"drained"',
  forgotten: "42",
  killed: '"killed"',
  nothing: '"open"'
}

for (const [program, output] of Object.entries(said)) {
  test.concurrent(`${program}: ends with 0, when it has said what it waited for`, async () => {
    expect(await outputOf("test/worker/awake/programs.ts", process.env, [program])).toBe(output)
  })
}
