/** `arpeggio/contract` has every public name that needs no Node, and none that the package's own entry has not. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const namesIn = (file: string): ReadonlyArray<string> => {
  const text = readFileSync(fileURLToPath(new URL(`../../src/${file}`, import.meta.url)), "utf8")
  const lists = text.matchAll(
    /^export (?:type )?\{([^}]*)\} from "\.\/(?:define|compose|encode)\/[^"]*"/gm
  )
  return [...lists].flatMap(([, list]) =>
    list!.split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]))
  )
}

/** What a handler asks: who runs handlers has all of the package. */
const ofHandlers = new Set(["step", "Step"])

test("contract.ts exports what index.ts does of define, compose and encode", () => {
  const all = namesIn("index.ts").filter((name) => !ofHandlers.has(name))
  expect(all.length).toBeGreaterThan(40)
  expect(namesIn("contract.ts").toSorted()).toEqual(all.toSorted())
})
