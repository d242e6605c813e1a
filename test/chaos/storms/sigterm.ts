/** Not yet. */
import type { Storm } from "../stage.ts"

export const sigterm: Storm = {
  name: "sigterm",
  limit: () => 1,
  play: async () => ({ missed: ["not there"] })
}
