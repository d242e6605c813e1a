/** The storm `night` rests on this: when nothing ended while work waited, and whether anything was said then. */
import { expect, test } from "vitest"
import { longest, silences, standstills, type Waited, type Word } from "./night/silence.ts"

const run = (what: string, began: number, ended: number): Waited => ({ what, began, ended })
const any = (): boolean => true
const minute = 60_000

test("a stretch in which work waited and none ended stands still, from the last end on", () => {
  const runs = [run("a", 0, 1_000), run("a", 500, 21_000), run("a", 20_000, 21_500)]
  expect(standstills(runs)).toEqual([{ what: "a", from: 1_000, to: 21_000 }])
})

test("nothing stands still where nothing waits, or where something of its kind ends now and then", () => {
  expect(standstills([run("a", 0, 1_000), run("a", minute, minute + 1_000)])).toEqual([])
  const often = Array.from({ length: 10 }, (_, at) => run("a", 0, at * 10_000))
  expect(standstills(often)).toEqual([])
})

test("work that goes on does not hide work of another kind that stands still", () => {
  const often = Array.from({ length: 60 }, (_, at) => run("a", at * 1_000, at * 1_000 + 900))
  expect(standstills([...often, run("b", 0, minute)])).toEqual([{ what: "b", from: 0, to: minute }])
})

const windows = (words: ReadonlyArray<Word>): ReadonlyArray<number> =>
  silences([run("a", 10_000, 10_000 + 2 * minute)], words, any).map(
    ({ from }) => (from - 10_000) / longest
  )

test("each window without a word is silent; a line counts for a minute, when it comes as the work stands still", () => {
  expect(windows([])).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  expect(windows([{ at: 9_000, words: "the server is away" }])).toEqual([3, 4, 5, 6, 7])
  expect(windows([{ at: 0, words: "said long before" }])).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  expect(windows([{ at: 10_000 + 40_000, words: "said late" }])).toEqual([0, 1, 6, 7])
})

test("a word that does not explain this kind of work is none", () => {
  const words = [{ at: 10_000, words: "something else" }]
  const silent = silences([run("a", 10_000, 40_000)], words, (_, words) => words === "why")
  expect(silent).toHaveLength(2)
})
