/** Whether every succeeded run with a callback was called back by exactly one run. */
import { readFile } from "node:fs/promises"

const linesOf = async (file: string): Promise<ReadonlyArray<string>> =>
  (await readFile(file, "utf8").catch(() => "")).split("\n").filter((line) => line !== "")

export const wrongCallbacks = async (
  hooked: string,
  called: string
): Promise<{ readonly hooked: number; readonly wrong: ReadonlyArray<string> }> => {
  const callers = new Map<string, Set<string>>()
  for (const line of await linesOf(called)) {
    const [parent = "", by = ""] = line.split(" ")
    const run = parent.split("/")[0]!
    callers.set(run, (callers.get(run) ?? new Set()).add(by))
  }
  const runs = await linesOf(hooked)
  const wrong = runs.flatMap((run) => {
    const count = callers.get(run)?.size ?? 0
    return count === 1 ? [] : [`${run} has ${count} callbacks`]
  })
  return { hooked: runs.length, wrong }
}
