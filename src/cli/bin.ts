#!/usr/bin/env node
/** The program `arpeggio`. In a project that has a copy of the package of its own, that one runs: task files import it. */
import { realpathSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const own = fileURLToPath(import.meta.url)

/** This file in the project's copy of the package; `undefined` where that is this one, or there is none. */
const another = (): string | undefined => {
  try {
    const manifest = createRequire(join(process.cwd(), "any")).resolve("arpeggio/package.json")
    const there = realpathSync(join(dirname(manifest), "dist/cli/bin.js"))
    return there === realpathSync(own) || !own.endsWith(".js") ? undefined : there
  } catch {
    return undefined
  }
}

// What reads from us may have enough before all is written.
process.stdout.on("error", () => process.exit(process.exitCode ?? 0))

const there = another()
if (there === undefined) {
  const { main } = await import("./main.ts")
  process.exit(await main(process.argv.slice(2)))
} else {
  await import(pathToFileURL(there).href)
}
