/** Every program that must not compile is refused on the right line with the right sentence, by both compilers. */
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { compile, type Compiler, compilers } from "./compiler.ts"
import { errorsIn } from "./parsed-once.ts"

const folder = fileURLToPath(new URL("refusals/", import.meta.url))
const marker = "// expect: "

/** `«a and b»` stands for either order: the compilers differ in how they sort a union. */
const orders = (sentence: string): ReadonlyArray<string> => [
  sentence.replaceAll(/«(.+?) (and|or) (.+?)»/g, "$1 $2 $3"),
  sentence.replaceAll(/«(.+?) (and|or) (.+?)»/g, "$3 $2 $1")
]

/** The sentence expected on each line, as `file:line`. */
const expected = (): Map<string, string> => {
  const found = new Map<string, string>()
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".ts"))) {
    const lines = readFileSync(`${folder}${file}`, "utf8").split("\n")
    for (const [at, line] of lines.entries()) {
      const start = line.indexOf(marker)
      if (start >= 0) found.set(`${file}:${at + 2}`, line.slice(start + marker.length))
    }
  }
  return found
}

/** What the compiler said about each line, with the lines that explain it. */
const said = (output: string): Map<string, string> => {
  const found = new Map<string, string>()
  let place = ""
  for (const line of output.split("\n")) {
    const error = /test\/types\/(?:refusals\/)?([^/]+\.ts)\((\d+),\d+\): error TS\d+: (.*)$/.exec(
      line
    )
    if (error !== null) place = `${error[1]}:${error[2]}`
    else if (line.includes("): error TS")) place = ""
    if (place !== "") found.set(place, `${found.get(place) ?? ""}${error?.[3] ?? line}\n`)
  }
  return found
}

const config = "test/types/refusals/tsconfig.json"

const printedBy = async (compiler: Compiler): Promise<string> =>
  compiler === "typescript-5.9" ? errorsIn(config) : compile(compiler, "-p", config)

describe.each(compilers)("%s", (compiler) => {
  it(
    "refuses what must be refused, in a sentence, and nothing else",
    { timeout: 180_000 },
    async () => {
      const errors = said(await printedBy(compiler))
      const sentences = expected()
      expect(sentences.size).toBeGreaterThan(40)
      for (const [place, sentence] of sentences) {
        const found = errors.get(place) ?? "no error"
        const wanted = orders(sentence)
        expect.soft(found, place).toContain(wanted.find((one) => found.includes(one)) ?? wanted[0])
      }
      expect([...errors].filter(([place]) => !sentences.has(place))).toEqual([])
    }
  )
})
