/** The guide to web apps shows the example that is driven over HTTP. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { root } from "../examples/program.ts"
import { codeOf, snippetsOf } from "./snippets.ts"

const snippets = snippetsOf("docs/learn/web-app.md")
const source = (file: string): string =>
  readFileSync(join(root, "examples/web-app", file), "utf8").replace(/^.*\*\/\n/, "")

it.each(["reports.ts", "worker.ts", "receipts.ts", "errors.ts"])("shows %s", (file) => {
  const shown = snippets.find((snippet) => snippet.file === file)
  expect(codeOf(shown!)).toBe(source(file))
})

it("shows server.ts in pieces, from its first line to its last", () => {
  const pieces = snippets.filter(({ language }) => language === "ts server.ts")
  expect(pieces.map(({ text }) => text).join("\n")).toBe(source("server.ts"))
})

it("names every route", () => {
  const routes = [...source("server.ts").matchAll(/web\.(get|post|delete)\("(\/[^"]*)"/g)]
  const page = readFileSync(join(root, "docs/learn/web-app.md"), "utf8")
  expect(routes.length).toBe(7)
  for (const [, verb, path] of routes) expect(page).toContain(`\`${verb!.toUpperCase()} ${path}\``)
})
