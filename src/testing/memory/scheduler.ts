/** Lets every request, answer and delivery travel in a turn of its own, so that interleavings are real. */
import { bag, type Bag } from "./fifo.ts"
import type { Random } from "./random.ts"

type Step = () => void

/** Steps on one track never overtake each other, like bytes on one connection. */
export interface Track {
  readonly steps: Bag<Step>
}

export interface Turns {
  track(): Track
  /** Runs the step in a later turn; without a track it may overtake any other. */
  later(step: Step, track?: Track): void
  /** Resolves when nothing is under way any more, as far as the broker can tell. */
  settled(): Promise<void>
}

const newTrack = (): Track => ({ steps: bag<Step>(undefined) })

/** Without `random`, steps run in the order in which they were asked for, all that are there in one turn. With it, one step a turn, of a track chosen at random. */
export const turns = (random: Random | undefined): Turns => {
  const busy = bag<Track>(random)
  let woken = false
  const step = (): void => {
    const track = busy.take()!
    const next = track.steps.take()!
    if (random !== undefined && track.steps.size > 0) busy.put(track)
    next()
  }
  const wake = (): void => {
    if (woken) return
    woken = true
    setImmediate(() => {
      woken = false
      // Asked for first: a step that throws must not stop the others.
      const amount = random === undefined ? busy.size : 1
      if (busy.size > 0) wake()
      for (let done = 0; done < amount && busy.size > 0; done++) step()
    })
  }
  const later = (step: Step, track: Track = newTrack()): void => {
    track.steps.put(step)
    // Unseeded, a track stands in the line once per step: that keeps the order across tracks.
    if (random === undefined || track.steps.size === 1) busy.put(track)
    wake()
  }
  const settled = async (): Promise<void> => {
    // Three quiet turns: a continuation may need one or two to ask for its next step.
    for (let quiet = 0; quiet < 3; quiet = busy.size === 0 ? quiet + 1 : 0) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { track: newTrack, later, settled }
}
