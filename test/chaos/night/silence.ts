/** Whether anything said why work did not go on: the stretches in which work of one kind waited and none of it ended, and what was said then. */

/** A run that waited for its end. */
export interface Waited {
  /** What kind of work it is: one that goes on does not hide another that stands still. */
  readonly what: string
  readonly began: number
  /** The end of the storm, if there was none. */
  readonly ended: number
}

/** Something that a person could have read: epoch milliseconds. */
export interface Word {
  readonly at: number
  readonly words: string
}

export interface Silence {
  readonly what: string
  readonly from: number
  readonly to: number
}

/** So long may nothing end without a word, in milliseconds. */
export const longest = 15_000

/** For so long a line that was said once counts, in milliseconds. */
const remembered = 60_000

/** A line may come this much before the work stops ending, in milliseconds. */
const ahead = 5_000

/** The stretches of at least that length, in milliseconds, in which some of them waited and none ended. */
export const standstills = (
  runs: ReadonlyArray<Waited>,
  least: number = longest
): ReadonlyArray<Silence> => {
  const found: Array<Silence> = []
  for (const what of new Set(runs.map((run) => run.what))) {
    const events = runs
      .filter((run) => run.what === what)
      .flatMap(({ began, ended }) => [
        { at: began, by: 1 },
        { at: ended, by: -1 }
      ])
      .toSorted((left, right) => left.at - right.at || right.by - left.by)
    let waiting = 0
    let from = 0
    for (const { at, by } of events) {
      if (waiting > 0 && by < 0 && at - from >= least) found.push({ what, from, to: at })
      if (by < 0 || waiting === 0) from = at
      waiting += by
    }
  }
  return found
}

/** Of each standstill the windows in which nobody had said anything that `explains` it. */
export const silences = (
  runs: ReadonlyArray<Waited>,
  words: ReadonlyArray<Word>,
  explains: (what: string, words: string) => boolean
): ReadonlyArray<Silence> =>
  standstills(runs).flatMap(({ what, from, to }) => {
    const heard = words.filter(({ words }) => explains(what, words)).map(({ at }) => at)
    const count = Math.floor((to - from) / longest)
    const windows = Array.from({ length: count }, (_, at) => ({
      what,
      from: from + at * longest,
      to: from + (at + 1) * longest
    }))
    return windows.filter((window) => {
      const since = Math.max(from - ahead, window.to - remembered)
      return !heard.some((at) => at >= since && at <= window.to)
    })
  })
