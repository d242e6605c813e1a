/** Not yet. */
import type { Storm } from "../stage.ts"

export const keyed: Storm = {
  name: "keyed",
  limit: () => 1,
  play: async () => ({ missed: ["not there"] })
}
