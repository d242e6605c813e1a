/** The leader storm, with a seed that is always the same. */
import { expect, test } from "vitest"
import { leaderStorm } from "./leader.ts"

test(
  "500 chords survive kills and pauses of the stream's leader",
  { timeout: 400_000 },
  async () => {
    const report = await leaderStorm({ seed: 1 })
    console.log(JSON.stringify(report))
    expect(report.missed).toEqual([])
    expect(report).toMatchObject({ leaderKills: 4, leaderPauses: 4, lost: 0, doubleCommits: 0 })
  }
)
