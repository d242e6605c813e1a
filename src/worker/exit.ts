/** What is still done in the moment in which a process ends, whoever ends it: nothing can be awaited any more. */

const acts = new Set<() => void>()

const act = (): void => {
  for (const one of acts) {
    try {
      one()
    } catch {
      // The process is ending: whatever this was about cannot be mended, and the others have their turn.
    }
  }
}

/**
 * Has something done at the end of this process: after `process.exit`, or an error that nobody caught. Not where a signal
 * kills it. What is asked for first is done first. Gives back how to have it not done after all.
 */
export const atExit = (what: () => void): (() => void) => {
  if (acts.size === 0) process.on("exit", act)
  acts.add(what)
  return () => {
    acts.delete(what)
    if (acts.size === 0) process.off("exit", act)
  }
}
