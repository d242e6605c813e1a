/** The page of the command line is what the commands' own help says. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { commandLinePage } from "../../docs/generate/command-line.ts"
import { everyCommand, programOf } from "../../src/cli/program.ts"
import { root } from "../examples/program.ts"

const page = readFileSync(join(root, "docs/operate/command-line.md"), "utf8")

it("is made of their help: otherwise, npm run docs", () => {
  expect(page, "npm run docs").toBe(commandLinePage())
})

it("every command and every argument says what it is", () => {
  const commands = everyCommand(programOf())
  expect(commands.length).toBeGreaterThan(20)
  const silent = commands.filter(
    (command) =>
      command.description() === "" ||
      command.registeredArguments.some(({ description }) => description === "") ||
      command.options.some(({ description }) => description === "")
  )
  expect(silent.map((command) => command.name())).toEqual([])
})
