/** Whoever exports what the library gives can emit declarations: every type of the public surface has a public name. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, it } from "vitest"
import { compile, type Compiler, compilers } from "./compiler.ts"
import { nameless } from "./declarations/nameless.ts"
import { emitting } from "./parsed-once.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
let folder = ""
let library = ""

/** A project inside the repository, so that effect is found, with the library as npm would put it there. */
beforeAll(async () => {
  mkdirSync(`${root}.tmp`, { recursive: true })
  folder = mkdtempSync(`${root}.tmp/declarations-`)
  library = `${folder}/node_modules/arpeggio`
  mkdirSync(library, { recursive: true })
  // A package of its own, so that the library's name stands for what is built here, not for the package around it.
  writeFileSync(`${folder}/package.json`, JSON.stringify({ private: true, type: "module" }))
  cpSync(`${root}package.json`, `${library}/package.json`)
  cpSync(`${root}test/types/declarations/exports.ts`, `${folder}/exports.ts`)
  const flags = ["--noEmit", "false", "--declarationMap", "false", "--outDir", `${library}/dist`]
  expect(await compile("typescript", "-p", "tsconfig.build.json", ...flags)).toBe("")
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const emit = async (compiler: Compiler): Promise<string> => {
  const config = `${folder}/${compiler}.json`
  writeFileSync(
    config,
    JSON.stringify({
      extends: "../../tsconfig.json",
      files: ["exports.ts"],
      include: [],
      compilerOptions: {
        paths: {},
        noEmit: false,
        allowImportingTsExtensions: false,
        declaration: true,
        emitDeclarationOnly: true,
        outDir: compiler,
        rootDir: "."
      }
    })
  )
  if (compiler === "typescript-5.9") return emitting(config)
  return compile(compiler, "-p", config, "--noEmit", "false")
}

it.each(compilers)("%s names every type", { timeout: 120_000 }, async (compiler) => {
  expect(await emit(compiler)).toBe("")
  const declarations = readFileSync(`${folder}/${compiler}/exports.d.ts`, "utf8")
  expect(declarations).not.toContain("/dist/")
  expect(declarations).toContain("working: () => Promise<Worker>")
})

it("leaves no interface without a name, however deep", { timeout: 120_000 }, () => {
  expect(nameless(`${library}/dist`)).toEqual([])
})

it.each(compilers)(
  "%s would say so if one were missing",
  { timeout: 120_000 },
  async (compiler) => {
    // The main entry has all of the other's names.
    const entries = ["index", "contract"].map((name) => `${library}/dist/${name}.d.ts`)
    const names = entries.map((entry) => readFileSync(entry, "utf8"))
    const without = (...missing: ReadonlyArray<string>): void => {
      const exports = new RegExp(`export .*\\b(?:${missing.join("|")})\\b.* from .*\n`, "g")
      for (const [at, entry] of entries.entries()) {
        writeFileSync(entry, names[at]!.replaceAll(exports, ""))
      }
    }
    try {
      without("StepContext", "Counters")
      const errors = await emit(compiler)
      expect(errors).toContain("The inferred type of 'context' cannot be named")
      expect(errors).toContain("The inferred type of 'counters' cannot be named")
      without("Counters")
      // Whichever compiler it is about, it is found by the same one.
      if (compiler !== compilers[0]) return
      expect(nameless(`${library}/dist`)).toEqual(["Counters of WorkerHealth"])
    } finally {
      without("no such name")
    }
  }
)
