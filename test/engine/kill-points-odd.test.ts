/** Every fault at every call where a second execution answers differently, kills its worker, or comes too late. */
import { afterAll, describe, expect, test } from "vitest"
import { pairs } from "./amount.ts"
import { deafForms, lateForms, poisonedForms, strangeForms, waveringForms } from "./odd-plays.ts"
import { versionForms } from "./version-plays.ts"
import { Sample } from "./sample.ts"
import { enumerate, enumeratePairs, faults } from "./points.ts"

const kinds = {
  "a handler that answers differently": waveringForms,
  "a timer that comes too late": lateForms,
  "workers that hear nothing": deafForms,
  "a call moved to the dead letters": poisonedForms,
  "two versions of a contract side by side": versionForms,
  "a message moved to the dead letters": strangeForms
}
let played = 0
let forms = 0

for (const [kind, some] of Object.entries(kinds)) {
  describe(kind, () => {
    const sample = new Sample()
    for (const [name, form] of Object.entries(some)) {
      forms++
      test(name, { timeout: 300_000 }, async () => {
        const { plays, wrong } = await enumerate(form, { sample })
        played += plays
        expect(wrong?.what, wrong?.story).toBeUndefined()
        const two = await enumeratePairs({ ...form, crashes: 5 }, 20_261_124, pairs)
        played += two.plays
        expect(two.wrong?.what, two.wrong?.story).toBeUndefined()
      })
    }
  })
}

afterAll(() => {
  process.stderr.write(
    `odd kill points: ${forms} forms x ${faults.length} faults, ${played} plays\n`
  )
})
