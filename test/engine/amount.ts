/** How much is enumerated: some points in `npm test`, most of what differs in `.ci/run`, everything in `npm run test:kill-points`. */

const amount = process.env["KILL_POINTS"]
const all = amount === "all"

/** Of the plays of a sample, one in so many is played; which ones differs from form to form. */
export const oneIn: number = all || amount === "most" ? 1 : 3

/** Pairs of faults for each form. */
export const pairs: number = all ? 300 : 8

/** Moments of a run at which it is cancelled. */
export const moments: number = all ? 12 : 3

/** Whether every point is played, on a real server and of a redrive, too. */
export const everyPoint: boolean = all
