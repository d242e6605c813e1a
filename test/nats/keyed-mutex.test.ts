/** Writes behind one fence take turns; an outage lets everybody go. */
import { expect, test } from "vitest"
import { Turns } from "../../src/nats/keyed-mutex.ts"

/** Work that ends when it is told to. */
const controlled = () => {
  const begun: Array<string> = []
  const ends = new Map<string, (error?: Error) => void>()
  const work = (name: string) => () =>
    new Promise<string>((resolve, reject) => {
      begun.push(name)
      ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)))
    })
  return { begun, work, end: (name: string, error?: Error) => ends.get(name)!(error) }
}

test("one at a time and in order for a key, at once for different keys", async () => {
  const turns = new Turns()
  const { begun, work, end } = controlled()
  const done = ["a", "b", "c"].map((name) => turns.take("fence", work(name)))
  const other = turns.take("other", work("x"))
  expect(begun).toEqual(["a", "x"])
  end("x")
  await other
  end("a")
  expect(await done[0]).toBe("a")
  await expect.poll(() => begun).toEqual(["a", "x", "b"])
  end("b")
  await done[1]
  await expect.poll(() => begun).toEqual(["a", "x", "b", "c"])
  end("c")
  await done[2]
  const again = turns.take("fence", work("d"))
  expect(begun.at(-1)).toBe("d")
  end("d")
  expect(await again).toBe("d")
})

test("after a failure nobody waits for the others", async () => {
  const turns = new Turns()
  const { begun, work, end } = controlled()
  const done = ["a", "b", "c"].map((name) => turns.take("fence", work(name)))
  end("a", new Error("no leader"))
  await expect(done[0]).rejects.toThrow("no leader")
  await expect.poll(() => begun).toEqual(["a", "b", "c"])
  end("b", new Error("no leader"))
  await expect(done[1]).rejects.toThrow("no leader")
  end("c")
  expect(await done[2]).toBe("c")
})
