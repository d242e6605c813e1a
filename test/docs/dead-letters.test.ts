/** The program in the guide to dead letters is the example that is run, and prints what the guide says. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { promisedOutput, root } from "../examples/program.ts"
import { codeOf, snippetsOf } from "./snippets.ts"

const example = "examples/12-dead-letters.ts"
const [program, output] = snippetsOf("docs/operate/dead-letters.md")

it("shows the example", () => {
  const [, code] = readFileSync(join(root, example), "utf8").split("*/\n")
  expect(codeOf(program!)).toBe(code!.split("\n// Output:")[0])
})

it("shows what it prints", () => {
  expect(output!.text).toBe(`${promisedOutput(example)}\n`)
})
