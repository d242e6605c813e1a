/** Where the server's two doors are: its ingress for calls, and its admin for deployments and questions. */
import type { Place } from "../../system.ts"

export const addresses = (place: Place): { url: string; admin: string } => {
  const address = place.addresses.restate
  if (address === undefined) throw new Error("Restate is not there")
  const url = new URL(address)
  return { url: url.origin, admin: `http://${url.hostname}:${url.searchParams.get("admin")}` }
}
