/** Not yet. */
import type { Storm } from "../stage.ts"

export const fuzz: Storm = {
  name: "fuzz",
  limit: () => 1,
  play: async () => ({ missed: ["not there"] })
}
