/** Counts the words of many files: list them, count each slice of the list, add up. What a client has to know. */
import * as Schema from "effect/Schema"
import { chain, map, task, type Workflow } from "arpeggio"
import type { Counts } from "./words.ts"

const Paths = Schema.Array(Schema.String)
const Words = Schema.Record(Schema.String, Schema.Finite)

/** The directory does not exist, or may not be read. */
export class Unreadable extends Schema.TaggedError<Unreadable>()("wordcount.Unreadable", {
  directory: Schema.String,
  reason: Schema.String
}) {}

/** The files below a directory whose names end so, cut into slices of this many files. */
export const list = task("wordcount.list", {
  input: [Schema.String, Schema.String, Schema.Finite],
  output: Schema.Array(Paths),
  errors: [Unreadable]
})

/** Reads a slice of the files and counts their words. */
export const count = task("wordcount.count", { input: [Paths], output: Words })

/** Adds up the counts of all slices. */
export const merge = task("wordcount.merge", { input: [Schema.Array(Words)], output: Words })

/** Workers read the files themselves, so the directory has to be there on every machine that has one. */
export const wordcount = (
  directory: string,
  ending: string = ".md",
  slice: number = 25
): Workflow<void, Counts, Unreadable> =>
  chain(list(directory, ending, slice), map(count()), merge())
