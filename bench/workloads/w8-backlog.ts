/** W8, second half: a backlog that was stored while the one worker stood still, and that it drains: does it slow down? */
import { setTimeout as sleep } from "node:timers/promises"
import type { Session } from "../system.ts"
import { deviation, median } from "../report/statistics.ts"
import { check, numbers, timed, warmUp } from "./pace.ts"
import type { Workload } from "./workload.ts"

interface Point {
  readonly at: number
  readonly done: number
}

/** When so many were done, between the two points around it. */
const timeOf = (points: ReadonlyArray<Point>, wanted: number): number => {
  const after = points.findIndex(({ done }) => done >= wanted)
  const to = points[after]!
  const from = points[after - 1] ?? to
  if (to.done === from.done) return to.at
  return from.at + ((to.at - from.at) * (wanted - from.done)) / (to.done - from.done)
}

/** How far it is, again and again, until everything is done or a quarter of a minute is over. */
const watch = async (
  session: Session,
  size: number,
  pause: number
): Promise<ReadonlyArray<Point>> => {
  const points: Array<Point> = []
  const end = performance.now() + 15_000
  for (;;) {
    const done = await session.done!()
    points.push({ at: performance.now(), done })
    if (done >= size || performance.now() > end) return points
    await sleep(pause)
  }
}

/** Enqueued in pieces until there are enough, or it has taken a quarter of a minute. */
const fill = async (session: Session, wanted: number): Promise<{ size: number; rate: number }> => {
  const piece = Math.min(wanted, 5_000)
  let size = 0
  let took = 0
  while (size < wanted && took < 15_000) {
    took += await timed(() => session.enqueue!(numbers(piece)))
    size += piece
  }
  return { size, rate: (size * 1_000) / took }
}

export const backlog: Workload = {
  name: "W8b",
  title: "A backlog, stored while the worker stands still, and drained",
  metrics: [
    { id: "size", title: "calls", better: "more" },
    { id: "enqueued", title: "stored, calls/s", better: "more" },
    { id: "drained", title: "drained, calls/s", better: "more" },
    { id: "flat", title: "farthest tenth from the median tenth", better: "less" },
    { id: "drift", title: "last third to first third", better: "more" }
  ],
  workers: 1,
  limit: 400,
  can: ({ enqueue, done }) => enqueue !== undefined && done !== undefined,
  measure: async ({ session, runner, quick }) => {
    // Warm, or the first tenths would be those of a compiler.
    await warmUp(session, quick ? 500 : 20_000)
    // The last acknowledgements are on their way.
    await sleep(1_000)
    await runner.freeze()
    const { size, rate } = await fill(session, quick ? 5_000 : 200_000)
    check("done while the worker stands still", await session.done!(), 0)
    await runner.thaw()
    const points = await watch(session, size, quick ? 20 : 100)
    const last = Math.min(size, points.at(-1)!.done)
    // What it had in hand when it was stopped.
    const first = last * 0.02
    const tenth = (last - first) / 10
    const marks = Array.from({ length: 11 }, (_, at) => first + tenth * at)
    const times = marks.map((mark) => timeOf(points, Math.min(mark, last)))
    const rates = times.slice(1).map((time, at) => (tenth * 1_000) / (time - times[at]!))
    // In no table, but among the samples: where the farthest lies.
    const tenths = Object.fromEntries(rates.map((each, at) => [`tenth${at + 1}`, each]))
    const drift = (times[3]! - times[0]!) / (times[10]! - times[7]!)
    return {
      size,
      enqueued: rate,
      drained: median(rates),
      flat: deviation(rates),
      drift,
      ...tenths
    }
  }
}
