/** How much is enumerated: a sample of pairs and moments in `npm test`, many more in `npm run test:kill-points`. */

const all = process.env["KILL_POINTS"] === "all"

/** Pairs of faults for each form. */
export const pairs: number = all ? 300 : 8

/** Moments of a run at which it is cancelled. */
export const moments: number = all ? 12 : 3

/** Whether every point is played, on a real server and of a redrive, too. */
export const everyPoint: boolean = all
