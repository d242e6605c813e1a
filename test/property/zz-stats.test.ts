import fc from "fast-check"
import { test } from "vitest"
import { admissible } from "../reference/interpreter.ts"
import { referenceOf } from "../reference/tasks.ts"
import { sketches, workflowOf } from "./sketch.ts"
import { randomTasks } from "./tasks.ts"
import { memoryLayer } from "../canvas/layer.ts"
import { agreeWith } from "./zz-agree.ts"

test("stats", () => {
  const reference = referenceOf(randomTasks)
  let steps = 0
  const kinds: Record<string, number> = {}
  const outs: Record<string, number> = {}
  let contested = 0
  let multi = 0
  const sizes: number[] = []
  for (const sketch of fc.sample(sketches, { seed: 20261123, numRuns: 500 })) {
    const { workflow } = workflowOf(sketch, "number")
    let n = 0
    const { outcomes, contested: c } = admissible(workflow["~arpeggio"].plan, 5, (t, i) => {
      n++
      const e = reference(t, i)
      const k = Object.keys(e)[0]!
      kinds[k] = (kinds[k] ?? 0) + 1
      return e
    })
    const text = JSON.stringify(workflow["~arpeggio"].plan)
    for (const m of text.matchAll(/"kind":"(\w+)"/g)) kinds[m[1]!] = (kinds[m[1]!] ?? 0) + 1
    steps += n
    sizes.push(n)
    if (c) contested++
    if (outcomes.length > 1) multi++
    outs[outcomes[0]!._tag] = (outs[outcomes[0]!._tag] ?? 0) + 1
  }
  sizes.sort((a, b) => a - b)
  console.log({
    steps,
    kinds,
    outs,
    contested,
    multi,
    median: sizes[250],
    p90: sizes[450],
    max: sizes[499]
  })
})
test("soak", { timeout: 600_000 }, async () => {
  if (process.env["SOAK"] === undefined) return
  for (let s = 1; s <= Number(process.env["SOAK"]); s++) {
    const place = await memoryLayer(s).open(randomTasks)
    await agreeWith(place.app, s * 7919)
    await place.close()
    console.log("seed", s)
  }
})
