/** Runs the command that is asked for, and gives the code to exit with. */
import { CommanderError } from "commander"
import { exits, misused } from "./exits.ts"
import { complain } from "./output.ts"
import { programOf } from "./program.ts"

/** `words` are what stands behind `arpeggio`. Never rejects. */
export const main = async (words: ReadonlyArray<string>): Promise<number> => {
  const json = words.includes("--json")
  try {
    await programOf().parseAsync([...words], { from: "user" })
    return Number(process.exitCode ?? exits.ok)
  } catch (cause) {
    if (!(cause instanceof CommanderError)) return complain(cause, { json })
    if (cause.exitCode === 0) return exits.ok
    return complain(misused(worded(cause)), { json })
  }
}

/** The mistake first, then where to read on: a page of help would hide it. */
const worded = ({ code, message }: CommanderError): string => {
  if (code === "commander.help") return "name a command; arpeggio --help lists them"
  const [said, ...more] = message.replace(/^error: /, "").split("\n")
  return [said, ...more, "arpeggio help <command> says what there is"].join(" ").trim()
}
