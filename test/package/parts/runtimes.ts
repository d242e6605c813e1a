/** The Nodes that are supported, Bun and Deno, as far as npm has them for this machine. */
import { join } from "node:path"
import { hello, type Program } from "../hello.ts"
import { likewise, readme, tool } from "../place.ts"
import { expect, run } from "../steps.ts"
import { commandLine } from "./npm.ts"

const tested = `
import * as Schema from "effect/Schema"
import { chain, group, step, task } from "arpeggio"
import { testApp } from "arpeggio/testing"
import { add, mul } from "./workflows/math.ts"

let attempts = 0
const flaky = task("test.flaky", { input: [], output: Schema.Finite }, async () => {
  attempts += 1
  await new Promise((resolve) => setTimeout(resolve, 1))
  if (attempts < 3) throw new Error("not yet")
  return step().attempt
})
await using app = await testApp([add, mul, flaky])
const all = group([chain(add(4, 2), mul(3)), flaky().with({ retry: { times: 3, initial: "1 millis" } })])
console.log(JSON.stringify(await app.run(all)))
`

/** Worker, client and tests, each run with the words before its file. */
const onAll = async (what: string, npm: string, words: Program): Promise<void> => {
  const place = likewise(npm, what.replaceAll(/\W/g, "-"), {
    "package.json": { name: "hello", type: "module", private: true },
    ...readme(),
    "tested.ts": tested
  })
  const [command, ...more] = words
  const worker: Program = [command, ...more, "worker.ts"]
  await hello({ what, root: place, worker, client: [command, ...more, "client.ts"] })
  const printed = await run(command, [...more, "tested.ts"], place)
  expect(`${what}: arpeggio/testing`, printed.trim(), "[18,3]")
}

/** Node 24 takes off the types by itself and knows `await using`. */
export const nodes = async (npm: string): Promise<void> => {
  for (const version of ["20.19", "22", "24"]) {
    const program = await tool(`node@${version}`, "node/bin/node")
    if (program === undefined) continue
    const loader = join(npm, "node_modules/tsx/dist/loader.mjs")
    const words: Program = version === "24" ? [program] : [program, "--import", loader]
    await onAll(`Node ${version}`, npm, words)
    // Where Node takes no types off, it finds the project's tsx by itself.
    const bin = "node_modules/arpeggio/dist/cli/bin.js"
    const place = likewise(npm, `command-line-${version}`, {
      "package.json": { name: "hello", type: "module", private: true },
      ...readme()
    })
    await commandLine(`Node ${version}, command line`, place, [program, bin])
  }
}

export const others = async (npm: string): Promise<void> => {
  const bun = await tool("bun@1", ".bin/bun")
  if (bun !== undefined) await onAll("Bun", npm, [bun])
  const deno = await tool("deno@2", ".bin/deno")
  if (deno !== undefined) await onAll("Deno", npm, [deno, "run", "--allow-all"])
}
