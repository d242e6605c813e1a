/** How many bytes a service has taken and given, where it can tell. */
import { connect } from "node:net"
import type { Running } from "../services/service.ts"

/** Redis answers this without a client library. */
const redisBytes = (address: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(address)
    const socket = connect({ host: hostname, port: Number(port) })
    let text = ""
    socket.setTimeout(5_000, () => socket.destroy(new Error("Redis does not answer")))
    socket.on("error", reject)
    socket.on("data", (data) => {
      text += String(data)
      const [, taken] = /total_net_input_bytes:(\d+)/.exec(text) ?? []
      const [, given] = /total_net_output_bytes:(\d+)\r/.exec(text) ?? []
      if (taken === undefined || given === undefined) return
      socket.destroy()
      resolve(Number(taken) + Number(given))
    })
    socket.write("INFO stats\r\n")
  })

const bytesOf = (service: Running): Promise<number> | undefined => {
  if (service.bytes !== undefined) return service.bytes()
  return service.address.startsWith("redis:") ? redisBytes(service.address) : undefined
}

/** Of all together; `undefined` when one of them cannot tell. */
export const traffic = async (services: ReadonlyArray<Running>): Promise<number | undefined> => {
  let sum = 0
  for (const service of services) {
    const bytes = await bytesOf(service)
    if (bytes === undefined) return undefined
    sum += bytes
  }
  return sum
}
