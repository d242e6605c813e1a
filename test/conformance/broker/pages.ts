/** Records read page by page, the oldest first. */
import { expect, test } from "vitest"
import { bytes, newRun, subjectIn, text, type Place } from "./place.ts"

export const pageTests = (here: () => Place): void => {
  test("pages follow one another in the order of storing, also when there are more than the server reads at once", async () => {
    const { broker } = here()
    const run = newRun()
    const amount = 2_500
    for (let at = 0; at < amount; at++) {
      const subject = subjectIn(broker, "a", run, "1", String(at))
      const stored = broker.publish({ subject, body: bytes(String(at)) })
      if (at % 500 === 499) await stored
    }
    const found: Array<string | undefined> = []
    let from: number | undefined
    let pages = 0
    do {
      const page = await broker.page(subjectIn(broker, "a", run, "1", "*"), 700, from)
      expect(page.records.length).toBeLessThanOrEqual(700)
      for (const { body } of page.records) found.push(text(body))
      from = page.next
      pages++
    } while (from !== undefined)
    expect(found).toEqual(Array.from({ length: amount }, (_, at) => String(at)))
    expect(pages).toBe(4)
  })

  test("what is removed between two pages does not stop the next", async () => {
    const { broker } = here()
    const run = newRun()
    const of = (at: string): string => subjectIn(broker, "a", run, "1", at)
    for (const at of ["0", "1", "2", "3"]) {
      await broker.publish({ subject: of(at), body: bytes(at) })
    }
    const first = await broker.page(of("*"), 2)
    expect(first.records.map(({ subject }) => subject)).toEqual([of("0"), of("1")])
    await broker.purge(of("2"))
    // A replica that is asked may learn of the removal a moment later.
    await expect
      .poll(() => broker.page(of("*"), 2, first.next))
      .toMatchObject({ records: [{ subject: of("3") }], next: undefined })
  })

  test("a page of nothing is empty, at the beginning and behind the end", async () => {
    const { broker } = here()
    const run = newRun()
    const filter = subjectIn(broker, "a", run, "1", "*")
    expect(await broker.page(filter, 10)).toEqual({ records: [], next: undefined })
    await broker.publish({ subject: subjectIn(broker, "a", run, "1", "0"), body: bytes("") })
    expect((await broker.page(filter, 1)).next).toBeUndefined()
    expect(await broker.page(filter, 10, 1_000_000)).toEqual({ records: [], next: undefined })
  })
}
