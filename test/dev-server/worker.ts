/** A worker of a project whose one task takes until a file is there. */
import { existsSync, writeFileSync } from "node:fs"
import * as Schema from "effect/Schema"
import { serve, task } from "arpeggio"
import { lookUntil } from "../../src/dev-server/poll.ts"

/** It says that it has begun by a file, too. */
const slow = task("dev.slow", { input: [Schema.String], output: Schema.String }, async (text) => {
  writeFileSync("begun", "")
  await lookUntil(async () => (existsSync("go-on") ? true : undefined), 30_000)
  return `${text} is done`
})

await serve([slow])
