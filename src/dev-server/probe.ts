/** Speaks the first three words of the NATS protocol, to learn what listens on a port. */
import { connect } from "node:net"

/** What a server says of itself when somebody connects. */
export interface ServerInfo {
  readonly version: string
  readonly server_name?: string
  readonly api_lvl?: number
  readonly jetstream?: boolean
  readonly auth_required?: boolean
  readonly tls_required?: boolean
}

export type Probe =
  | { readonly kind: "nothing" }
  | { readonly kind: "foreign" }
  | { readonly kind: "refused"; readonly info: ServerInfo; readonly why: string }
  | { readonly kind: "open"; readonly info: ServerInfo }

/** What a client sends first. */
export const greeting: string = `CONNECT ${JSON.stringify({
  verbose: false,
  pedantic: false,
  lang: "javascript",
  version: "0",
  name: "arpeggio probe"
})}\r\nPING\r\n`

const parseInfo = (text: string): ServerInfo | undefined => {
  try {
    return JSON.parse(/^INFO (\{.*\})/.exec(text)?.[1] ?? "null") ?? undefined
  } catch {
    return undefined
  }
}

/** Asks 127.0.0.1 on the port who is there, and whether we may come in. */
export const probe = (port: number, patience = 1000): Promise<Probe> =>
  new Promise((resolve) => {
    let connected = false
    let info: ServerInfo | undefined
    let text = ""
    const socket = connect({ host: "127.0.0.1", port })
    const finish = (answer: Probe): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    const giveUp = (why: string): void => {
      if (info !== undefined) {
        finish({ kind: "refused", info, why })
      } else {
        finish({ kind: connected ? "foreign" : "nothing" })
      }
    }
    const timer = setTimeout(() => giveUp("it did not answer"), patience)
    socket.on("connect", () => {
      connected = true
    })
    socket.on("error", () => giveUp("the connection broke"))
    socket.on("close", () => giveUp("it closed the connection"))
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8")
      if (info === undefined && text.includes("\r\n")) {
        info = parseInfo(text)
        if (info === undefined) {
          finish({ kind: "foreign" })
        } else if (info.tls_required === true) {
          finish({ kind: "refused", info, why: "it wants TLS" })
        } else {
          socket.write(greeting)
        }
      }
      const refusal = /^-ERR '?([^'\r\n]*)/m.exec(text)?.[1]
      if (info !== undefined && refusal !== undefined) {
        finish({ kind: "refused", info, why: refusal })
      } else if (info !== undefined && text.includes("PONG\r\n")) {
        finish({ kind: "open", info })
      }
    })
  })
