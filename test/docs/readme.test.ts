/** The README's program is the example that is run, and prints what the README says. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { promisedOutput, root } from "../examples/program.ts"
import { codeOf, snippetsOf } from "./snippets.ts"

const snippets = snippetsOf("README.md")
const shown = (file: string): string => {
  const snippet = snippets.find((snippet) => snippet.file === file)
  if (snippet === undefined) throw new Error(`the README shows no ${file}`)
  return codeOf(snippet)
}
const source = (path: string): string => readFileSync(join(root, path), "utf8")

it("shows the beginning of workflows/math.ts", () => {
  const [, code] = source("workflows/math.ts").split("*/\n")
  expect(code!.startsWith(shown("workflows/math.ts"))).toBe(true)
})

it.each(["worker.ts", "client.ts"])("shows examples/01-hello/%s", (file) => {
  const code = source(`examples/01-hello/${file}`).split("\n// Output:")[0]!
  expect(shown(file)).toBe(code.replaceAll("../../workflows/", "./workflows/"))
})

it("shows what the client prints", () => {
  const consoles = snippets.filter(({ language }) => language === "console")
  const client = consoles.find(({ text }) => text.startsWith("$ npx tsx client.ts\n"))
  expect(client?.text).toBe(
    `$ npx tsx client.ts\n${promisedOutput("examples/01-hello/client.ts")}\n`
  )
})
