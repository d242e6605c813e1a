/** The rule in oxlint, which has no types for it. With types, in ESLint: `npm run test:package lint`. */
import { execFile } from "node:child_process"
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { buildSync } from "esbuild"
import { expect, test } from "vitest"
import { program, toldBy, toldOf } from "./dropped.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))

const oxlint = (place: string): Promise<string> =>
  new Promise((resolve) => {
    const words = ["-f", "json", "program.ts"]
    const file = join(root, "node_modules/oxlint/bin/oxlint")
    execFile(process.execPath, [file, ...words], { cwd: place }, (_, stdout) => resolve(stdout))
  })

test("tells what is built and dropped, and nothing else", async ({ onTestFinished }) => {
  const place = mkdtempSync(join(tmpdir(), "arpeggio-lint-"))
  onTestFinished(() => rmSync(place, { recursive: true, force: true }))
  cpSync(join(root, "workflows/math.ts"), join(place, "workflows/math.ts"))
  writeFileSync(join(place, "program.ts"), program)
  buildSync({
    entryPoints: [join(root, "src/lint/index.ts")],
    outfile: join(place, "plugin.mjs"),
    bundle: true,
    platform: "node",
    format: "esm"
  })
  writeFileSync(
    join(place, ".oxlintrc.json"),
    JSON.stringify({
      jsPlugins: ["./plugin.mjs"],
      categories: { correctness: "off" },
      rules: { "arpeggio/no-unused-workflow": "error" }
    })
  )
  const { diagnostics } = JSON.parse(await oxlint(place)) as {
    readonly diagnostics: ReadonlyArray<{
      readonly message: string
      readonly labels: ReadonlyArray<{ readonly span: { readonly line: number } }>
    }>
  }
  const found = diagnostics.map(({ message, labels }) => ({ message, line: labels[0]!.span.line }))
  expect(toldBy(found)).toEqual(toldOf(false))
})
