/** Not yet. */
import type { Storm } from "../stage.ts"

export const cancel: Storm = {
  name: "cancel",
  limit: () => 1,
  play: async () => ({ missed: ["not there"] })
}
