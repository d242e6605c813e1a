/** Who counts words: the handlers, with what they import. Only workers need them. */
import { readdir, readFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { implement } from "arpeggio"
import * as contracts from "./contracts.ts"
import { addCounts, countWords } from "./words.ts"

export const list = implement(contracts.list, async (directory, ending, slice) => {
  const root = resolve(directory)
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(
    (cause: Error) => {
      throw new contracts.Unreadable({ directory, reason: cause.message })
    }
  )
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
  return Array.from({ length: Math.ceil(paths.length / slice) }, (_, at) =>
    paths.slice(at * slice, (at + 1) * slice)
  )
})

export const count = implement(contracts.count, async (paths) => {
  const texts = await Promise.all(paths.map((path) => readFile(path, "latin1")))
  return addCounts(texts.map(countWords))
})

export const merge = implement(contracts.merge, addCounts)
