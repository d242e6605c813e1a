/** Which lines of a stack are the program's: the others are the same for every handler. */

/** Frames of Node and of installed packages that run handlers. */
const ours = /node_modules\/(?:arpeggio|effect)\/|\(?node:|^\s+at (?:process|Generator)\./

/** Below this one, which begins every handler, nothing is the program's; by its name, wherever a bundler may have put it. */
const begins = /^\s+at (?:async )?runArpeggioStep\b/

/** Of the lines of a stack those that a program's author knows. */
export const ownFrames = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const frames = lines.filter((line) => /^\s+at /.test(line))
  const end = frames.findIndex((line) => begins.test(line))
  return (end < 0 ? frames : frames.slice(0, end)).filter((line) => !ours.test(line))
}
