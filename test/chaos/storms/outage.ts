/** Not yet. */
import type { Storm } from "../stage.ts"

export const outage: Storm = {
  name: "outage",
  limit: () => 1,
  play: async () => ({ missed: ["not there"] })
}
