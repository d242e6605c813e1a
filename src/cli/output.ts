/** What the command line prints: results on standard output, everything else on standard error. */
import { exits, exitOf, toldOf } from "./exits.ts"

/** Whether one JSON document is printed instead of words. */
export interface Format {
  readonly json?: boolean
}

/** Prints the same value as JSON, or as the words that are made of it. Resolves when it is written. */
export const show = <A>(value: A, words: (value: A) => string, { json }: Format): Promise<void> =>
  write(process.stdout, json === true ? JSON.stringify(value, undefined, 2) : words(value))

/** A line for people, which is no part of the result. */
export const remark = (line: string): void => void write(process.stderr, line)

/** Prints an error, and gives the code to exit with. */
export const complain = async (cause: unknown, { json }: Format): Promise<number> => {
  const told = toldOf(cause)
  const text =
    json === true
      ? JSON.stringify({ error: told })
      : `arpeggio: ${told.message.replace(/^arpeggio: /, "")}`
  await write(process.stderr, text)
  return exits[exitOf(cause)]
}

/** A value as JSON that people can read: on one line as long as that is short. */
export const jsonWords = (value: unknown): string => {
  if (value === undefined) return ""
  const line = JSON.stringify(value)
  return line.length <= 100 ? line : JSON.stringify(value, undefined, 2)
}

/** Columns without lines between them: they are copied into chats. */
export const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): string => {
  const all = [head, ...rows]
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]!.length)))
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

/** A moment as it stands in tables. */
export const moment = (at: Date | undefined): string =>
  at === undefined ? "-" : at.toISOString().replace(/\.\d+Z$/, "Z")

/** Nothing is written for a text without words. What reads from us may end before we do. */
const write = (stream: NodeJS.WriteStream, text: string): Promise<void> =>
  text === ""
    ? Promise.resolve()
    : new Promise((resolve) => {
        stream.write(`${text}\n`, () => resolve())
      })
